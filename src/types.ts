import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

/** Quality of service asked of the broker for a subscription (MQTT 3.1.1, 4.3). */
export type Qos = 0 | 1 | 2;

/** How payload bytes become values. `auto` tells numbers, JSON and text apart message by message. */
export type PayloadFormat = 'auto' | 'json' | 'number' | 'text';

/** `series`: one frame per topic, a row per message. `latest`: one frame, a row per topic with its newest values. */
export type FrameShape = 'series' | 'latest';

/** What is shown of more rows than a panel has room for, for each interval of the panel. */
export type ReduceMode = 'all' | 'last' | 'mean' | 'minmax';

/**
 * One query, as it is saved in a dashboard. A public contract: `docs/query-editor.md` documents it; fields are
 * only ever added, and a missing field means its default.
 */
export interface MqttQuery extends DataQuery {
  /**
   * MQTT topic filters, one a line, with `+` and `#`, named levels (`{room}`, trailing `{rest#}`) and Grafana
   * variables. A multi-value variable subscribes to each of its values.
   */
  topic: string;
  /** Default 0. */
  qos?: Qos;
  /** Default `auto`. */
  format?: PayloadFormat;
  /** Default `series`. */
  shape?: FrameShape;
  /** Legend template, for example `{{room}} {{field}}`. Empty: named automatically. */
  legend?: string;
  /** How much each series keeps in this browser tab. */
  keep?: {
    /** Rows per series; the oldest go first. Default 10,000, at most 100,000. */
    rows?: number;
    /** Seconds that a row is kept. Default: as long as there is room. */
    seconds?: number;
  };
  /**
   * `all` rows, or for each interval the `last` row, the `mean`, or the rows with the smallest and largest values
   * (`minmax`). Default: all, and `minmax` where there are more than twice as many rows as the panel has pixels.
   */
  reduce?: ReduceMode;
}

/** The settings of a data source (`jsonData`), as provisioning writes them. Any viewer's browser can read them. */
export interface MqttOptions extends DataSourceJsonData {
  /** Every tab's client id is this and a random part. Default `grafana`. */
  clientIdPrefix?: string;
  /** MQTT keepalive in seconds. Default 60. */
  keepalive?: number;
  /** Seconds to wait for the broker before an attempt to connect has failed. Default 5. */
  connectTimeout?: number;
  /** Seconds that a subscription and its rows outlive their last reader. Default 30. */
  linger?: number;
  /** Megabytes of rows that a browser tab keeps for this data source at the most. Default 64. */
  memory?: number;
}

/** Rows of a series that a tab keeps unless the query says otherwise, and the most that it may say. */
export const DEFAULT_ROWS = 10_000;
export const MAX_ROWS = 100_000;

/** A new query. What it leaves out has its default, and stays out of the saved dashboard. */
export const DEFAULT_QUERY = { topic: '' } satisfies Partial<MqttQuery>;
