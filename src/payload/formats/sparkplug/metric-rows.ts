import type { Row } from '../../rows/rows';
import type { SparkplugMetric } from './proto';
import type { SparkplugTopic } from './topic';

/** A row while its metrics are collected. */
interface OpenRow {
  readonly value: Record<string, unknown>;
  readonly units: Map<string, string>;
}

/** The rows of one payload: metrics of one time are one row, unless a metric comes twice. */
export class MetricRows {
  readonly all: Row[] = [];
  readonly #open = new Map<string, OpenRow>();
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
  rowOf({ timestamp, historical = false }: SparkplugMetric, name: string): OpenRow | undefined {
    const time = timestamp ?? this.#timestamp;
    const key = `${time} ${historical}`;
    const open = this.#open.get(key);
    if (open !== undefined && !Object.hasOwn(open.value, name)) {
      return open;
    }
    if (this.all.length >= this.#maxRows) {
      return undefined;
    }
    const row: OpenRow = { value: {}, units: new Map() };
    this.#open.set(key, row);
    this.all.push({
      ...row,
      ...seriesOf(this.#topic),
      ...(time === undefined ? undefined : { time }),
      ...(historical ? { historical } : undefined),
    });
    return row;
  }
}

/** The properties of a row's series. */
export function seriesOf({ series, labels }: SparkplugTopic): Pick<Row, 'topic' | 'labels'> {
  return series === undefined ? {} : { topic: series, labels };
}
