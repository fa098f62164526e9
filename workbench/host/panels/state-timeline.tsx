import { css } from '@emotion/css';
import {
  type DataFrame,
  dateTimeFormat,
  FieldType,
  getFieldDisplayName,
  type GrafanaTheme2,
  type TimeRange,
} from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

import { type Lane, type Span, spansOf } from './spans';

interface Props {
  frames: DataFrame[];
  timeRange: TimeRange;
  width: number;
  height: number;
}

const TICKS = 5;
/** Below this width in pixels, a span has no text. */
const TEXT_WIDTH = 44;

/** A lane for each field, in the manner of Grafana's state timeline, which `@grafana/ui` does not have. */
export function StateTimeline({ frames, timeRange, width, height }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const from = timeRange.from.valueOf();
  const to = timeRange.to.valueOf();
  const lanes = lanesOf(frames, from, to);
  const names = Math.min(width / 4, 10 + 7 * Math.max(0, ...lanes.map(({ name }) => name.length)));
  const scale = (width - names) / (to - from);
  return (
    <div className={styles.timeline} style={{ width, height }}>
      <div className={styles.lanes}>
        {lanes.map(({ name, spans }) => (
          <div key={name} className={styles.lane} role="row" aria-label={name}>
            <span className={styles.name} style={{ width: names }} title={name}>
              {name}
            </span>
            <div className={styles.track}>
              {spans.map((span) => (
                <Part key={span.from} span={span} start={from} scale={scale} className={styles.span} />
              ))}
            </div>
          </div>
        ))}
      </div>
      <div className={styles.axis} style={{ marginLeft: names }}>
        {Array.from({ length: TICKS }, (_, n) => (
          <span key={n}>{dateTimeFormat(from + ((n + 0.5) * (to - from)) / TICKS, { format: 'HH:mm:ss' })}</span>
        ))}
      </div>
    </div>
  );
}

interface PartProps {
  span: Span;
  start: number;
  scale: number;
  className: string;
}

function Part({ span: { from, to, text, color }, start, scale, className }: PartProps): React.JSX.Element {
  const width = (to - from) * scale;
  return (
    <div
      className={className}
      style={{ left: (from - start) * scale, width, background: color }}
      title={`${text}, from ${dateTimeFormat(from, { format: 'HH:mm:ss' })}`}
    >
      {width > TEXT_WIDTH && text}
    </div>
  );
}

function lanesOf(frames: DataFrame[], from: number, to: number): Lane[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    return time === undefined
      ? []
      : frame.fields
          .filter((field) => field !== time)
          .map((field) => ({
            name: getFieldDisplayName(field, frame, frames),
            spans: spansOf(time.values, field.values, { from, to }, (value) => {
              const { text, color } = field.display?.(value) ?? { text: String(value) };
              return { text, color: color ?? 'transparent' };
            }),
          }));
  });
}

function getStyles(theme: GrafanaTheme2) {
  return {
    timeline: css({ display: 'flex', flexDirection: 'column', ...theme.typography.bodySmall }),
    lanes: css({ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column', gap: theme.spacing(0.75) }),
    lane: css({ flex: 1, minHeight: 0, maxHeight: 64, display: 'flex', alignItems: 'center' }),
    name: css({
      flex: 'none',
      overflow: 'hidden',
      paddingRight: theme.spacing(1),
      textAlign: 'right',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
    }),
    track: css({
      position: 'relative',
      flex: 1,
      height: '100%',
      overflow: 'hidden',
      background: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
    }),
    span: css({
      position: 'absolute',
      top: 0,
      bottom: 0,
      display: 'flex',
      alignItems: 'center',
      justifyContent: 'center',
      overflow: 'hidden',
      borderLeft: `1px solid ${theme.colors.background.primary}`,
      color: theme.colors.getContrastText(theme.visualization.getColorByName('green')),
      whiteSpace: 'nowrap',
    }),
    axis: css({
      display: 'flex',
      justifyContent: 'space-around',
      paddingTop: theme.spacing(0.5),
      color: theme.colors.text.secondary,
    }),
  };
}
