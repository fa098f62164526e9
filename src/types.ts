import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery, DataSourceRef } from '@grafana/schema';
import type { FrameShape, ReduceMode } from './frames';
import type {
  FieldChoice,
  FillMode,
  FormatOptions,
  LabelChoice,
  MappingChoice,
  PayloadFormat,
  RowsAs,
  TimeChoice,
} from './payload';

// Saved queries contain these. Each is declared in the room that reads it.
export type { FrameShape, ReduceMode } from './frames';
export type {
  FieldChoice,
  FillMode,
  FormatOptions,
  LabelChoice,
  MappingChoice,
  PayloadFormat,
  RowsAs,
  TimeChoice,
} from './payload';

/** A data source that stores what was published before, and what it is queried for. */
export interface BackfillChoice {
  datasource: DataSourceRef;
  query: DataQuery;
}

/** The maximum quality of service of a subscription [MQTT-3.8.4-8]. */
export type Qos = 0 | 1 | 2;

/** The use of retained messages: rows like all others, rows that are marked, or no rows. */
export type RetainedMode = 'use' | 'mark' | 'ignore';

/**
 * A query as it is saved in a dashboard. This is a public contract, documented in `docs/query-editor.md`. A missing
 * field means its default. A change of a field's meaning needs a new `version` and a step in `migrate.ts`.
 */
export interface MqttQuery extends DataQuery {
  /** The version of the fields below, from 1 up. The editor writes the current one. Default 1. */
  version?: number;
  /**
   * MQTT topic filters, one a line, with `+` and `#`, named levels (`{room}`, trailing `{rest#}`) and Grafana
   * variables. A multi-value variable subscribes to each of its values.
   */
  topic: string;
  /** Default 0. */
  qos?: Qos;
  /** Default `auto`. */
  format?: PayloadFormat;
  formatOptions?: FormatOptions;
  /** The values that become fields. Default: all values, flattened. */
  fields?: readonly FieldChoice[];
  /**
   * Value mappings: texts that become 1 and 0, or `true` and `false` if the field has the type `boolean`. Only for
   * fields of the types `auto`, `number` and `boolean`. Default: none.
   */
  mappings?: readonly MappingChoice[];
  /** Values that tell apart the series of one topic. Default: none, each topic is one series. */
  labels?: readonly LabelChoice[];
  /** The path of an array whose items are rows. Default: the whole payload, if it is an array of objects. */
  rows?: string;
  /**
   * The parts at `rows`, or of the payload, that are rows. `items`: each item of an array. `times`, `keys`: each entry
   * of an object, whose key is the time or the label `key`. `columns`: the items of one position in parallel arrays.
   * Default: an item of an array of objects, or of the array at `rows`.
   */
  rowsAs?: RowsAs;
  time?: TimeChoice;
  /**
   * The name of a named level whose text becomes the name of the field, instead of a label: `temp` and `rpm` of
   * `plant/{device}/{metric}` are two fields of one series for each device. Objects become fields below it: `temp.value`.
   * Paths of `fields` and `mappings` begin with the field: `temp`. Paths of `rows`, `labels` and `time` do not. Default:
   * none.
   */
  pivot?: string;
  /**
   * The value of a field that a message leaves out. `previous`: its last value. `zero`: 0, false or an empty text, for
   * senders that leave those out (proto3 JSON). Default `none`: the field is empty in that row.
   */
  fill?: FillMode;
  /**
   * Retained messages: the broker sends the last one of each topic when the subscription begins. `mark`: their rows are
   * marked in tables, logs and annotations. `ignore`: they become no rows. Default `use`.
   */
  retained?: RetainedMode;
  /** Default `series`. */
  shape?: FrameShape;
  /** Legend template, for example `{{room}} {{field}}`. Empty: named automatically. */
  legend?: string;
  /** How many rows each series stores in the browser tab. */
  keep?: {
    /**
     * Rows per series, at most 100,000. The oldest rows are removed first. Default: as many as the time range needs,
     * at least 10,000 and at most 100,000.
     */
    rows?: number;
    /** The age of the oldest row, in seconds. Default: no limit. */
    seconds?: number;
  };
  /**
   * `all` rows, or for each interval the `last` row, the `mean`, or the rows with the smallest and largest values
   * (`minmax`). Default: `minmax` if there are more than twice as many rows as the panel has pixels, else `all`.
   */
  reduce?: ReduceMode;
  /**
   * Another data source and one of its queries, whose rows come before the oldest row of each series. Default: none.
   * The query is as the editor of that data source saves it.
   */
  backfill?: BackfillChoice;
}

/** The beginning of a raw payload. */
export interface PayloadDiagnostics {
  topic: string;
  /** Two digits a byte. */
  hex: string;
  /** Bytes of the whole payload. */
  length: number;
  /** The message was a retained one. */
  retained?: boolean;
}

/** The state of a query's connection, for the query editor: Grafana does not show the notice of an error there. */
export interface ConnectionDiagnostics {
  state: 'connecting' | 'connected' | 'reconnecting' | 'stopped';
  /** When the state began, in milliseconds since 1970. If there is no connection: when the last one ended. */
  since: number;
  /** The negotiated version of MQTT, while connected. */
  protocol?: '3.1.1' | '5';
  /** Why MQTT runs in the page instead of a Worker. Undefined if it runs in a Worker. */
  inPage?: string;
  /** Why messages are not stored for a reload of the page, or not all of them, and what to do. */
  storage?: string;
  /** Why there is no connection and what to try, in a sentence. The details are for experts. */
  error?: { message: string; details?: string };
}

/** The purpose of a path in a query. */
export type PathKind = 'field' | 'label' | 'mapping' | 'rows' | 'time';

/** Counts of a running query, for the query editor. */
export interface QueryCounts {
  /** Messages a second, over the last seconds. Undefined in the first seconds, before they have been counted. */
  rate?: number;
  /** Milliseconds since the last message. Undefined before the first one. */
  age?: number;
  topics: number;
  series: number;
  /** Rows that are stored. */
  rows: number;
  /** Rows that were dropped because the browser did not keep up, or because they came too late. */
  dropped: number;
  /** The QoS that the broker has granted, if it is lower than requested. */
  grantedQos?: Qos;
  /** Paths of values in the messages, as a query writes them. */
  paths: readonly string[];
  /** Paths of lists, of which each item can be a row. */
  lists: readonly string[];
}

/** The state of a running query, for the query editor. It is in `meta.custom.mqtt` of the query's first frame. */
export interface QueryDiagnostics {
  connection?: ConnectionDiagnostics;
  /** Whether the panel follows the clock. A time range that has ended is not live, and `-- Mixed --` is a snapshot. */
  mode?: 'live' | 'ended' | 'snapshot';
  /** The problems of the query, in sentences: filters that the broker refused, invalid values. */
  problems?: string[];
  /** Existing topics similar to a filter that has matched nothing, or filters that match them. The most similar first. */
  nearest?: Array<{ filter: string; topics: string[] }>;
  messages: number;
  failed: number;
  firstFailure?: PayloadDiagnostics & { reason: string };
  lastFailure?: PayloadDiagnostics & { reason: string };
  /** The number of messages that were read in part. */
  partial?: number;
  lastProblem?: PayloadDiagnostics & { reason: string };
  /** Paths of the query that no message has had, each with paths that messages have. */
  missing?: ReadonlyArray<{ kind: PathKind; path: string; nearest: readonly string[] }>;
  /** Suggested value mappings, while somebody edits the query. */
  mappings?: readonly MappingChoice[];
  /** While somebody edits the query. */
  counts?: QueryCounts;
  /** While somebody edits the query: notices about it that nothing else here says. */
  notices?: ReadonlyArray<{ severity: 'info' | 'warning' | 'error'; text: string }>;
  /** A message of the first topic, about one second old at most. */
  sample?: PayloadDiagnostics;
}

/** The settings of a data source (`jsonData`), as provisioning writes them. Any viewer's browser can read them. */
export interface MqttOptions extends DataSourceJsonData {
  /** `auto` tries MQTT 5 first, and falls back to 3.1.1. Default `auto`. In YAML, 5 without quotes is a number. */
  protocol?: Protocol | 5;
  /** Each connection starts a new session. Default true: nobody can use the session of a closed tab. */
  cleanStart?: boolean;
  /** Seconds that the broker keeps the session of a disconnected tab (MQTT 5, `cleanStart` false). Default 300. */
  sessionExpiry?: number;
  /**
   * The source of the user name and the password.
   * - `none`: the browser sends none.
   * - `shared`: `username` and `password` of these settings, which every viewer can read.
   * - `viewer`: each viewer enters their own, which are never saved.
   * - `token`: a short-lived password from the data source's `token` route, fetched before each attempt to connect.
   *
   * Default: `shared` if there is a `username` or a `password`, else `none`.
   */
  auth?: Auth;
  /** `shared`: the user name. `viewer`: the prefilled user name. `token`: the user name if the response has none. */
  username?: string;
  /** `shared`: the password. It reaches every viewer's browser, so it is not a secret. */
  password?: string;
  /** `token`: the URL from which Grafana's server fetches the token. Secrets belong in the secure fields. */
  tokenUrl?: string;
  /** The query editor and *Save & test* look for topics that match this filter. Default `#`. */
  topicRoot?: string;
  /**
   * Prefix of Home Assistant's discovery topics, usually `homeassistant`. Devices announce units, descriptions and
   * value mappings there, for values that have none in the query and the payload. Default: empty, off.
   */
  discovery?: string;
  /**
   * First level of the topics of Homie devices (Homie 3, 4 and 5), usually `homie`. They publish the same as devices
   * with a discovery prefix. Default: empty, off.
   */
  homie?: string;
  /**
   * Request the birth of a Sparkplug node if it is missing, by publishing `Node Control/Rebirth` to
   * `spBv1.0/<group>/NCMD/<edge node>`. Default false: the data source publishes nothing.
   */
  sparkplugRebirth?: boolean;
  /** The beginning of the client id. Each tab adds a random part. Default `grafana`. */
  clientIdPrefix?: string;
  /** MQTT keepalive in seconds. Default 60. */
  keepalive?: number;
  /** Seconds to wait for the broker's answer to an attempt to connect. Default 5. */
  connectTimeout?: number;
  /** Seconds that a subscription and its rows stay after the last panel is closed. Default 30. */
  linger?: number;
  /** Rows per series, whatever the query asks for. Default 100,000. */
  maxRows?: number;
  /** The age of a row in seconds, whatever the query asks for. Default: no limit. */
  maxAge?: number;
  /** Megabytes of rows that a browser tab stores for this data source. Default 64. */
  memory?: number;
  /**
   * Megabytes of messages that a browser tab stores as they came, so that a query that reads them in another way loses
   * nothing. Default 16; 0: none.
   */
  messageMemory?: number;
  /**
   * Minutes of messages that the browser stores over a reload of the page (IndexedDB), at most `messageMemory`.
   * Default 15; 0: none.
   */
  restore?: number;
  /** Ask a historian for what was published before (docs/history.md), where the broker has one. Default true. */
  history?: boolean;
  /** The root topic of requests to the historian and of its responses. Default `history`. */
  historyTopic?: string;
  /** Series of a query: topics, and sets of labels in their messages. Default 500 as time series, else 2,000. */
  maxSeries?: number;
  /** Fields of a series. Default 500. */
  maxFields?: number;
  /** Levels of objects that become fields. Deeper objects stay JSON. Default 10. */
  maxLevels?: number;
  /** A list with at most this many numbers becomes one field per number. Longer lists stay JSON. Default 16. */
  maxListItems?: number;
  /** Rows of one payload. Default 10,000. */
  maxPayloadRows?: number;
}

/** The version of MQTT. */
export type Protocol = 'auto' | '5' | '3.1.1';

/** The source of the user name and the password of the MQTT connection. */
export type Auth = 'none' | 'shared' | 'viewer' | 'token';

/**
 * How Grafana's server authenticates when it opens the connection (access `proxy`) or fetches the token. Grafana's data
 * source proxy defines these keys of `jsonData`, and the secrets in `secureJsonData`. Headers are `httpHeaderName1`,
 * `httpHeaderName2`, … without a gap, and their values are `httpHeaderValue1`, … in `secureJsonData`.
 */
export interface ServerAuthOptions {
  /** Present `tlsClientCert` with its `tlsClientKey`, both in `secureJsonData`. */
  tlsAuth?: boolean;
  /** Trust the certificate authority `tlsCACert` in `secureJsonData`. */
  tlsAuthWithCACert?: boolean;
  /** Trust any certificate. */
  tlsSkipVerify?: boolean;
  /** The name in the broker's certificate, if it is not the host of the URL. */
  serverName?: string;
  /** Send the viewer's own OAuth identity. */
  oauthPassThru?: boolean;
}

/** Secrets that Grafana's server stores encrypted. The browser learns only which of them are set. */
export interface ServerSecrets {
  basicAuthPassword?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  [header: `httpHeaderValue${number}`]: string | undefined;
}

/** Rows that a series stores if its time range does not need more, and the maximum. */
export const DEFAULT_ROWS = 10_000;
export const MAX_ROWS = 100_000;

/** The default topic prefix for requests to historians. */
export const DEFAULT_HISTORY_TOPIC = 'history';

/**
 * Series of a query, topics and sets of labels in their messages: in all, and as time series. Grafana draws a line for
 * each of the latter, and its legend has a row for each.
 */
export const DEFAULT_SERIES = 2_000;
export const DEFAULT_TIME_SERIES = 500;

/** A new query. Fields with their default are not saved. */
export const DEFAULT_QUERY = { topic: '' } satisfies Partial<MqttQuery>;
