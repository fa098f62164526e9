import type { Row } from '../../rows/rows';
import type { SparkplugMetric } from './proto';
import type { SparkplugTopic } from './topic';

/** A row while its metrics are collected. */
interface OpenRow extends Row {
  readonly value: Record<string, unknown>;
  historical?: boolean;
  units?: Map<string, string>;
}

/** The rows of one payload: metrics of one time are one row, unless a metric comes twice. */
export class MetricRows {
  readonly all: Row[] = [];
  /** The row of the last metric: that of the next one is mostly the same. */
  #last: OpenRow | undefined;
  /** Made for the second time of a payload. */
  #open: Map<string, OpenRow> | undefined;
  readonly #topic: SparkplugTopic;
  readonly #timestamp: number | undefined;
  readonly #maxRows: number;

  /**
   * @param timestamp of the payload, in milliseconds since the epoch, for metrics that have none of their own.
   * @param maxRows that the payload may have.
   */
  constructor(topic: SparkplugTopic, timestamp: number | undefined, maxRows: number) {
    this.#topic = topic;
    this.#timestamp = timestamp;
    this.#maxRows = maxRows;
  }

  /**
   * The row that a metric belongs to.
   *
   * @param name of the metric.
   * @returns `undefined` if that would be a row beyond the last.
   */
  rowOf({ timestamp, historical }: SparkplugMetric, name: string): OpenRow | undefined {
    const time = timestamp ?? this.#timestamp;
    const isPast = historical === true || undefined;
    let row = this.#last;
    if (row !== undefined && (row.time !== time || row.historical !== isPast)) {
      this.#open ??= new Map([[keyOf(row), row]]);
      row = this.#open.get(keyOf({ time, historical: isPast }));
    }
    if (row === undefined || Object.hasOwn(row.value, name)) {
      if (this.all.length >= this.#maxRows) {
        return undefined;
      }
      row = openRow(this.#topic, time);
      if (isPast) {
        row.historical = true;
      }
      this.#open?.set(keyOf(row), row);
      this.all.push(row);
    }
    this.#last = row;
    return row;
  }
}

/** Without spreads, which would take as long as reading the metrics. */
function openRow({ series, labels }: SparkplugTopic, time: number | undefined): OpenRow {
  if (series === undefined || labels === undefined) {
    return time === undefined ? { value: {} } : { value: {}, time };
  }
  return time === undefined ? { value: {}, topic: series, labels } : { value: {}, topic: series, labels, time };
}

function keyOf({ time, historical }: Pick<Row, 'time' | 'historical'>): string {
  return `${time} ${historical}`;
}

/** The properties of a row's series. */
export function seriesOf({ series, labels }: SparkplugTopic): Pick<Row, 'topic' | 'labels'> {
  return series === undefined ? {} : { topic: series, labels };
}
