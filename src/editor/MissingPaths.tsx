import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { PathKind, QueryDiagnostics } from '../types';
import { count } from '../utils/format-number';
import { Literal, SuggestionLine } from './SuggestionLine';

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
        <SuggestionLine
          key={`${kind} ${path}`}
          suggestions={nearest.map((text) => ({
            text,
            label: `Use ${text} instead of ${path}`,
            onUse: () => onUse(kind, path, text),
          }))}
        >
          <span className={styles.problem}>
            {NAMES[kind]}: {count(messages, 'message')} arrived, and none has <Literal>{path}</Literal>.
          </span>
          {nearest.length > 0 && <span>{messages === 1 ? 'It has' : 'They have'}</span>}
        </SuggestionLine>
      ))}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    lines: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(0.5) }),
    problem: css({ color: theme.colors.warning.text }),
  };
}
