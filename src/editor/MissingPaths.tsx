import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { PathKind, QueryDiagnostics } from '../types';
import { count } from '../utils/format-number';
import { textButton } from './text-button';

interface Props {
  missing: NonNullable<QueryDiagnostics['missing']>;
  /** Messages that arrived. */
  messages: number;
  /** A click on a path that messages have. */
  onUse: (kind: PathKind, missing: string, path: string) => void;
}

const NAMES: Readonly<Record<PathKind, string>> = {
  field: 'Field',
  label: 'Label',
  mapping: 'Value mapping',
  rows: 'Rows',
  time: 'Time',
};

/** Paths of the query that no message has had, each with paths that messages have. */
export function MissingPaths({ missing, messages, onUse }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div role="group" aria-label="Paths that no message has" className={styles.lines}>
      {missing.map(({ kind, path, nearest }) => (
        <div key={`${kind} ${path}`} className={styles.line}>
          <span className={styles.problem}>
            {NAMES[kind]}: {count(messages, 'message')} arrived, and none has{' '}
            <code className={styles.path}>{path}</code>.
          </span>
          {nearest.length > 0 && <span>{messages === 1 ? 'It has' : 'They have'}</span>}
          {nearest.map((each) => (
            <button
              key={each}
              type="button"
              className={styles.use}
              aria-label={`Use ${each} instead of ${path}`}
              onClick={() => onUse(kind, path, each)}
            >
              {each}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    lines: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.5) }),
    line: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5),
      color: theme.colors.text.secondary,
    }),
    problem: css({ color: theme.colors.warning.text }),
    path: css({ margin: 0, overflowWrap: 'anywhere', whiteSpace: 'normal' }),
    use: css({ ...textButton(theme), textAlign: 'left', overflowWrap: 'anywhere' }),
  };
}
