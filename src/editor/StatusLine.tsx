import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { QueryDiagnostics } from '../types';
import { statusText } from './status-text';
import { textButton } from './text-button';
import { wrappingLine } from './wrapping-line';

interface Props {
  diagnostics: QueryDiagnostics | undefined;
  qos: number;
  isHidden: boolean;
  /** Makes the panel live again; undefined where Grafana offers no way. */
  onBackToNow?: (() => void) | undefined;
  /** What to do about a filter that has received nothing. */
  hint?: React.ReactNode;
}

/** Whether a query is live, and what it has received. It has its room before the first response, too. */
export function StatusLine({ diagnostics, qos, isHidden, onBackToNow, hint }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { isLive, state, facts } = statusText(diagnostics, qos, isHidden);
  // Without a message, all counts are zero: the hint has their room, so that nothing moves when it comes.
  const isInLine = hint !== undefined && diagnostics?.messages === 0;
  const line = (
    <div role="group" aria-label="Status of the query" className={styles.line}>
      <span className={styles.state}>
        {isLive !== undefined && <span aria-hidden className={cx(styles.lamp, isLive && styles.live)} />}
        {state}
        {diagnostics?.mode === 'ended' && !isHidden && onBackToNow !== undefined && (
          <button type="button" className={styles.now} onClick={onBackToNow}>
            Back to now
          </button>
        )}
      </span>
      {isInLine ? (
        <div className={styles.hint}>{hint}</div>
      ) : (
        facts.map((fact) => (
          // The text is what a fact is: two are never the same.
          <span key={fact.replace(/[\d.,]+/, '')} className={styles.fact}>
            {fact}
          </span>
        ))
      )}
    </div>
  );
  return isInLine || hint === undefined ? (
    line
  ) : (
    <>
      {line}
      {hint}
    </>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    // Two lines on narrow screens; digits of one width, so that facts do not wander while they count.
    line: css({
      ...wrappingLine(theme, 2),
      alignContent: 'flex-start',
      minHeight: theme.spacing(2.5),
      fontVariantNumeric: 'tabular-nums',
      [theme.breakpoints.down('lg')]: { minHeight: theme.spacing(5) },
      [theme.breakpoints.down('sm')]: { minHeight: theme.spacing(7.5) },
    }),
    state: css({
      display: 'inline-flex',
      alignItems: 'center',
      alignSelf: 'flex-start',
      color: theme.colors.text.primary,
    }),
    now: css({ ...textButton(theme), marginLeft: theme.spacing(1), fontFamily: 'inherit' }),
    hint: css({
      flex: '1 1 0',
      minWidth: 0,
      // As much as the line has room for.
      overflowY: 'auto',
      [theme.breakpoints.down('lg')]: { maxHeight: theme.spacing(5) },
      [theme.breakpoints.down('sm')]: { maxHeight: theme.spacing(7.5) },
    }),
    fact: css({ whiteSpace: 'nowrap' }),
    lamp: css({
      width: theme.spacing(1),
      height: theme.spacing(1),
      marginRight: theme.spacing(0.75),
      borderRadius: theme.shape.radius.circle,
      background: theme.colors.text.disabled,
    }),
    live: css({ background: theme.colors.success.main }),
  };
}
