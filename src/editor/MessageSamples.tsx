import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ClipboardButton, Icon, useStyles2 } from '@grafana/ui';
import { type ReactNode, useState } from 'react';
import { count, formatNumber } from '../utils/format-number';
import type { PayloadDiagnostics, QueryDiagnostics } from '../types';
import { excerptSize, payloadText } from './payload-text';

interface Props {
  id: string;
  diagnostics: QueryDiagnostics;
}

/** Messages that were not decoded, or only in part. */
export function MessageSamples({ id, diagnostics }: Props): React.JSX.Element | null {
  const { messages, failed, firstFailure, lastFailure, partial = 0, lastProblem } = diagnostics;
  const sameFailure = firstFailure?.topic === lastFailure?.topic && firstFailure?.hex === lastFailure?.hex;
  return (
    <>
      {failed > 0 && (
        <Disclosure
          id={`${id}-failed`}
          warning
          title={`${formatNumber(failed)} of ${count(messages, 'message')} did not decode`}
        >
          {firstFailure !== undefined && !sameFailure && (
            <Sample title="First message" reason={firstFailure.reason} payload={firstFailure} />
          )}
          {lastFailure !== undefined && (
            <Sample title="Last message" reason={lastFailure.reason} payload={lastFailure} />
          )}
        </Disclosure>
      )}
      {lastProblem !== undefined && (
        <Disclosure
          id={`${id}-partial`}
          warning
          title={`${formatNumber(partial)} of ${count(messages, 'message')} ${partial === 1 ? 'was' : 'were'} decoded only in part`}
        >
          <Sample title="Last message" reason={lastProblem.reason} payload={lastProblem} />
        </Disclosure>
      )}
    </>
  );
}

interface DisclosureProps {
  id: string;
  title: string;
  warning?: boolean;
  children: ReactNode;
}

function Disclosure({ id, title, warning = false, children }: DisclosureProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  return (
    <div>
      <button
        id={id}
        type="button"
        className={warning ? styles.warning : styles.toggle}
        aria-expanded={open}
        aria-controls={`${id}-content`}
        onClick={() => setOpen(!open)}
      >
        <Icon name={open ? 'angle-down' : 'angle-right'} />
        {warning && <Icon name="exclamation-triangle" />}
        {title}
      </button>
      <div id={`${id}-content`} hidden={!open} className={styles.content}>
        {open && children}
      </div>
    </div>
  );
}

interface SampleProps {
  /** The position of the message. */
  title: string;
  reason: string;
  payload: PayloadDiagnostics;
}

function Sample({ title, reason, payload }: SampleProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const shown = payloadText(payload.hex, payload.length);
  return (
    <div className={styles.payload}>
      <div>
        {title}, on <code className={styles.topic}>{payload.topic}</code>, {excerptSize(payload.hex, payload.length)}
        {payload.retained === true ? ', retained' : ''}: {reason}
      </div>
      <pre className={styles.bytes}>{shown.text}</pre>
      {shown.hex !== '' && (
        <div className={styles.hex}>
          <pre className={styles.bytes}>{shown.hex}</pre>
          <ClipboardButton
            className={styles.copy}
            size="sm"
            variant="secondary"
            fill="text"
            icon="copy"
            getText={() => shown.hex}
          >
            Copy bytes
          </ClipboardButton>
        </div>
      )}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const toggle = {
    ...theme.typography.bodySmall,
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: 0,
    border: 'none',
    background: 'none',
    textAlign: 'left',
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
  } as const;
  return {
    toggle: css({ ...toggle, color: theme.colors.text.secondary }),
    warning: css({ ...toggle, color: theme.colors.warning.text }),
    content: css({ ...theme.typography.bodySmall, paddingLeft: theme.spacing(2.5) }),
    payload: css({ marginTop: theme.spacing(1), overflowWrap: 'anywhere' }),
    topic: css({ margin: 0, overflowWrap: 'anywhere' }),
    hex: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', columnGap: theme.spacing(1) }),
    copy: css({ flex: 'none' }),
    bytes: css({
      flex: '1 1 0',
      minWidth: `min(100%, ${theme.spacing(30)})`,
      maxHeight: theme.spacing(20),
      margin: theme.spacing(0.5, 0, 0),
      padding: theme.spacing(0.75, 1),
      overflowY: 'auto',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      fontSize: theme.typography.bodySmall.fontSize,
    }),
  };
}
