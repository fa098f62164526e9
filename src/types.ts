import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import type { FrameShape, ReduceMode } from './frames';
import type {
  FieldChoice,
  FillMode,
  FormatOptions,
  LabelChoice,
  MappingChoice,
  PayloadFormat,
  TimeChoice,
} from './payload';

// A query saves these as frames and decoders take them.
export type { FrameShape, ReduceMode } from './frames';
export type {
  FieldChoice,
  FillMode,
  FormatOptions,
  LabelChoice,
  MappingChoice,
  PayloadFormat,
  TimeChoice,
} from './payload';

/** Quality of service asked of the broker for a subscription (MQTT 3.1.1, 4.3). */
export type Qos = 0 | 1 | 2;

/**
 * One query, as it is saved in a dashboard. A public contract: `docs/query-editor.md` documents it; fields are
 * only ever added, and a missing field means its default.
 */
export interface MqttQuery extends DataQuery {
  /** What the fields below mean, from 1 up; the editor writes it, `migrate.ts` reads it. Default 1. */
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
  /** Which values become fields. Default: all that are found, flattened. */
  fields?: readonly FieldChoice[];
  /**
   * Value mappings: text that becomes 1 and 0, or `true` and `false` where its field has the type `boolean`. Not for
   * fields of other types than `auto`, `number` and `boolean`. Default: none; text is text.
   */
  mappings?: readonly MappingChoice[];
  /** Default: none; each topic is one series. */
  labels?: readonly LabelChoice[];
  /** Path of an array of which each item is a row. Default: an array of objects that is the whole payload. */
  rows?: string;
  time?: TimeChoice;
  /**
   * What stands for a field that a message leaves out. `previous`: its last value. `zero`: 0, false or empty, for
   * senders that leave those out (proto3 JSON). Default `none`: it is missing in that row.
   */
  fill?: FillMode;
  /** Default `series`. */
  shape?: FrameShape;
  /** Legend template, for example `{{room}} {{field}}`. Empty: named automatically. */
  legend?: string;
  /** How much each series keeps in this browser tab. */
  keep?: {
    /**
     * Rows per series, at most 100,000; the oldest go first. Default: as many as the time range needs, 10,000 at the
     * least and 100,000 at the most.
     */
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

/** The beginning of a payload as it came. */
export interface PayloadDiagnostics {
  topic: string;
  /** Two digits a byte. */
  hex: string;
  /** Bytes of the whole payload. */
  length: number;
}

/** How a query's connection is, for the query editor: Grafana shows no notice of an error there. */
export interface ConnectionDiagnostics {
  state: 'connecting' | 'connected' | 'reconnecting' | 'stopped';
  /** Milliseconds since the epoch: connected since then, or nothing heard since then. */
  since: number;
  /** The version of MQTT that is spoken, while it is connected. */
  protocol?: '3.1.1' | '5';
  /** Why MQTT runs in the page and not in a Worker, where it does. */
  inPage?: string;
  /** Why it is not connected, in a sentence that says what to try; and what was seen, for whoever looks closer. */
  error?: { message: string; details?: string };
}

/** What a query's first frame says of its messages beside their rows (`meta.custom.mqtt`), for the query editor. */
export interface QueryDiagnostics {
  connection?: ConnectionDiagnostics;
  /** What is wrong with the query itself, in sentences: filters that the broker refused, values that do not fit. */
  problems?: string[];
  /** Topics that exist near a filter that has matched nothing, nearest first; or filters that would match them. */
  nearest?: Array<{ filter: string; topics: string[] }>;
  messages: number;
  failed: number;
  firstFailure?: PayloadDiagnostics & { reason: string };
  lastFailure?: PayloadDiagnostics & { reason: string };
  /** Messages of which a part could not be read, and the last of them. */
  partial?: number;
  lastProblem?: PayloadDiagnostics & { reason: string };
  /** Value mappings that could be had for text that is one of two words, while somebody edits the query. */
  mappings?: readonly MappingChoice[];
  /** A message of the first topic, not older than a second or so while there are any. */
  sample?: PayloadDiagnostics;
}

/** The settings of a data source (`jsonData`), as provisioning writes them. Any viewer's browser can read them. */
export interface MqttOptions extends DataSourceJsonData {
  /** `auto` tries MQTT 5 and falls back to 3.1.1. Default `auto`. In YAML, a 5 without quotes is a number. */
  protocol?: Protocol | 5;
  /** Begin each connection with a new session. Default true: a tab's session is of no use to anybody after it. */
  cleanStart?: boolean;
  /** Seconds that the broker keeps the session of a tab that went away (MQTT 5; with `cleanStart` false). Default 300. */
  sessionExpiry?: number;
  /**
   * Where user and password come from. `none`; `shared`: `username` and `password` here, which every viewer can read;
   * `viewer`: each viewer is asked, and they are never saved; `token`: a short-lived password from the data source's
   * `token` route, fetched through Grafana before every attempt. Default `shared` where there is a `username` or a
   * `password`, else `none`.
   */
  auth?: Auth;
  /** With `shared`, and as a suggestion with `viewer`. With `token`: the user name that goes with it, where the answer has none. */
  username?: string;
  /** With `shared`. Not a secret: it reaches every viewer's browser. */
  password?: string;
  /** With `token`: where Grafana fetches it. Secrets go into the data source's secure fields. */
  tokenUrl?: string;
  /** Filter below which topics are looked for, by the editor and by *Save & test*. Default `#`. */
  topicRoot?: string;
  /**
   * Prefix of Home Assistant's MQTT discovery, mostly `homeassistant`: units and value mappings that neither a query nor
   * a payload names, and descriptions, are taken from what devices announce there. Default: empty, off.
   */
  discovery?: string;
  /**
   * First level of Homie devices, mostly `homie`: the same is taken from what they say of themselves (Homie 3, 4 and 5).
   * Default: empty, off.
   */
  homie?: string;
  /**
   * Ask Sparkplug nodes for a rebirth where their births are missing, by publishing `Node Control/Rebirth` to
   * `spBv1.0/<group>/NCMD/<edge node>`. Default false: nothing is ever published.
   */
  sparkplugRebirth?: boolean;
  /** Every tab's client id is this and a random part. Default `grafana`. */
  clientIdPrefix?: string;
  /** MQTT keepalive in seconds. Default 60. */
  keepalive?: number;
  /** Seconds to wait for the broker before an attempt to connect has failed. Default 5. */
  connectTimeout?: number;
  /** Seconds that a subscription and its rows outlive their last reader. Default 30. */
  linger?: number;
  /** Rows per series that a query may keep at the most, whatever it asks for. Default 100,000. */
  maxRows?: number;
  /** Seconds that a row may be kept at the most, whatever the query asks for. Default: as long as there is room. */
  maxAge?: number;
  /** Megabytes of rows that a browser tab keeps for this data source at the most. Default 64. */
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
  /**
   * The topic below which a historian is asked for what was published before (docs/history.md). Default `history`;
   * empty: none is asked.
   */
  historyTopic?: string;
  /** Series that a query may have at the most, of topics and of labels of their messages. Default 500. */
  maxSeries?: number;
  /** Fields that a series may have at the most. Default 500. */
  maxFields?: number;
  /** Levels of objects that become fields; what is deeper stays JSON. Default 10. */
  maxLevels?: number;
  /** Lists of no more numbers than this become a field for each; longer ones stay JSON. Default 16. */
  maxListItems?: number;
  /** Rows that one payload may have. Default 10,000. */
  maxPayloadRows?: number;
}

/** Which version of MQTT is spoken. */
export type Protocol = 'auto' | '5' | '3.1.1';

/** Where the user and the password of the MQTT connection come from. */
export type Auth = 'none' | 'shared' | 'viewer' | 'token';

/**
 * What Grafana's server proves itself with when it opens the connection (access `proxy`) or fetches the token: keys of
 * Grafana's own, which its data source proxy reads from `jsonData` and, for secrets, from `secureJsonData`. Headers are
 * `httpHeaderName1`, `httpHeaderName2`, … without a gap; their values are `httpHeaderValue1`, … in `secureJsonData`.
 */
export interface ServerAuthOptions {
  /** Present `tlsClientCert` with its `tlsClientKey`, both in `secureJsonData`. */
  tlsAuth?: boolean;
  /** Trust the certificate authority `tlsCACert` in `secureJsonData`. */
  tlsAuthWithCACert?: boolean;
  /** Trust any certificate. */
  tlsSkipVerify?: boolean;
  /** The name that the broker's certificate is for, where it is not the URL's. */
  serverName?: string;
  /** Send the viewer's own OAuth identity. */
  oauthPassThru?: boolean;
}

/** What is stored encrypted: it stays on Grafana's server, and the browser learns only which of it is set. */
export interface ServerSecrets {
  basicAuthPassword?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  [header: `httpHeaderValue${number}`]: string | undefined;
}

/** Rows of a series that a tab keeps where its time range needs no more of them, and the most that it ever keeps. */
export const DEFAULT_ROWS = 10_000;
export const MAX_ROWS = 100_000;

/** Where historians are asked unless the settings say otherwise. */
export const DEFAULT_HISTORY_TOPIC = 'history';

/** Series that one query may have, of topics and of labels of their messages. */
export const DEFAULT_SERIES = 500;

/** A new query. What it leaves out has its default, and stays out of the saved dashboard. */
export const DEFAULT_QUERY = { topic: '' } satisfies Partial<MqttQuery>;
