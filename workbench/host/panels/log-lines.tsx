import { css } from '@emotion/css';
import { type DataFrame, dateTimeFormat, FieldType, type GrafanaTheme2 } from '@grafana/data';
import { Text, useStyles2 } from '@grafana/ui';

interface Props {
  frames: DataFrame[];
  title: string;
  height: number;
}

interface Line {
  id: string;
  time: number;
  /** Lines of one millisecond are in this order. */
  nanos: number;
  body: string;
  severity: string;
  labels: string;
}

/** More lines at once are not read, and each is an element of the page. */
const SHOWN = 200;

/** Log lines, the newest first. Grafana's logs panel, with its controls for each line, is in no package. */
export function LogLines({ frames, title, height }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const lines = frames.flatMap(linesOf).toSorted((a, b) => b.time - a.time || b.nanos - a.nanos);
  if (lines.length === 0) {
    return <Text color="secondary">No log lines: set “Show as” of the query to Logs</Text>;
  }
  return (
    // Focusable, so that it can be scrolled with the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.list} style={{ height }} role="log" aria-label={title} tabIndex={0}>
      {lines.slice(0, SHOWN).map(({ id, time, body, severity, labels }) => (
        <div key={id} className={styles.line} data-severity={severity}>
          <span className={styles.time}>{dateTimeFormat(time, { format: 'HH:mm:ss.SSS' })}</span>
          <span className={styles.labels}>{labels}</span>
          <span className={styles.body}>{body}</span>
        </div>
      ))}
      {lines.length > SHOWN && <Text color="secondary">{`${lines.length - SHOWN} older lines`}</Text>}
    </div>
  );
}

function linesOf(frame: DataFrame): Line[] {
  const named = (name: string) => frame.fields.find((field) => field.name === name);
  const time = frame.fields.find(({ type }) => type === FieldType.time);
  const body = named('body');
  if (!time || !body) {
    return [];
  }
  const text = (name: string, row: number): string => String(named(name)?.values[row] ?? '');
  return Array.from({ length: frame.length }, (_, row) => ({
    id: `${frame.refId} ${text('id', row) || row}`,
    time: Number(time.values[row]),
    nanos: time.nanos?.[row] ?? 0,
    body: String(body.values[row]),
    severity: text('severity', row),
    labels: labelsOf(named('labels')?.values[row]),
  }));
}

function labelsOf(labels: unknown): string {
  return typeof labels === 'object' && labels !== null ? Object.values(labels).join(' ') : '';
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({
      overflow: 'auto',
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    line: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(0, 1),
      padding: theme.spacing(0.25, 0.5, 0.25, 1),
      borderLeft: `3px solid ${theme.colors.border.medium}`,
      '&[data-severity="error"], &[data-severity="critical"]': { borderLeftColor: theme.colors.error.main },
      '&[data-severity="warning"], &[data-severity="warn"]': { borderLeftColor: theme.colors.warning.main },
      '&[data-severity="info"]': { borderLeftColor: theme.colors.success.main },
    }),
    time: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
    labels: css({ color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
    body: css({ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
  };
}
