import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { textButton } from './text-button';
import { wrappingLine } from './wrapping-line';

interface Suggestion {
  readonly text: string;
  /** For screen readers. */
  readonly label: string;
  /** Undefined: it is shown and cannot be used. */
  readonly onUse: (() => void) | undefined;
}

interface Props {
  /** The problem, in a sentence. */
  children: ReactNode;
  suggestions: readonly Suggestion[];
}

/** A line about something that was not found, with what there is in its place; a click uses that. */
export function SuggestionLine({ children, suggestions }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.line}>
      {children}
      {suggestions.map(({ text, label, onUse }) =>
        onUse === undefined ? (
          <Literal key={text}>{text}</Literal>
        ) : (
          <button key={text} type="button" className={styles.use} aria-label={label} onClick={onUse}>
            {text}
          </button>
        )
      )}
    </div>
  );
}

/** A topic or path within a sentence. */
export function Literal({ children }: { children: string }): React.JSX.Element {
  return <code className={useStyles2(getStyles).literal}>{children}</code>;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    line: css({
      ...wrappingLine(theme, 0.5),
      rowGap: theme.spacing(0.5),
      alignItems: 'baseline',
    }),
    literal: css({ margin: 0, overflowWrap: 'anywhere', whiteSpace: 'normal' }),
    use: css({ ...textButton(theme), textAlign: 'left', overflowWrap: 'anywhere' }),
  };
}
