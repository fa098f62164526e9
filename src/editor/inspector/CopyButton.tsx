import { Button } from '@grafana/ui';
import { type ReactNode, useEffect, useState } from 'react';

interface Props {
  disabled: boolean;
  /** The text that is copied. Grafana's ClipboardButton must have it at the click. */
  read: () => Promise<string>;
  children: ReactNode;
}

/** How long the button says that it has copied, in milliseconds, as Grafana's ClipboardButton. */
const SAID_MS = 2_000;

/** Copies a text that is made when it is asked for. */
export function CopyButton({ disabled, read, children }: Props): React.JSX.Element {
  const [result, setResult] = useState<'Copied' | 'Not copied'>();
  useEffect(() => {
    const timer = result === undefined ? undefined : setTimeout(() => setResult(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [result]);

  async function copy(): Promise<void> {
    const text = await read();
    await navigator.clipboard.writeText(text);
  }

  return (
    <Button
      size="sm"
      variant="secondary"
      fill="text"
      icon={result === 'Copied' ? 'check' : 'copy'}
      disabled={disabled}
      onClick={() =>
        void copy().then(
          () => setResult('Copied'),
          () => setResult('Not copied')
        )
      }
    >
      {result ?? children}
    </Button>
  );
}
