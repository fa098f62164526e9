import type { FormatOptions, PayloadFormat, RowMappingSpec } from '../payload';
import type { PivotFilter } from '../topics';

/**
 * The messages of an explorer: an engine that looks at topics for somebody who edits a query, in an MQTT session of its
 * own. An engine that receives `explore` first becomes an explorer, and has no streams.
 */

/** The filters that an explorer subscribes to. */
export interface ExplorerSpec {
  /** Valid topic filters. */
  readonly filters: readonly string[];
  readonly qos: 0 | 1 | 2;
  /** Default {@link EXPLORER_LIMITS}. */
  readonly limits?: Partial<ExplorerLimits>;
  /** The explorer shows messages, read in this way, instead of the tree of topics. */
  readonly read?: ReadSpec;
}

/** How a query reads messages. */
export interface ReadSpec {
  readonly format: PayloadFormat;
  readonly formatOptions?: FormatOptions;
  /** See `RowMappingSpec`. */
  readonly rows?: string;
  /** See `StreamSpec`. */
  readonly pivot?: readonly PivotFilter[];
}

export interface ExplorerLimits {
  /** Topics that the tree holds. Messages of further topics are counted, and nothing of them is stored. */
  readonly topics: number;
  /** Messages a second, without retained ones. At more, the explorer pauses. */
  readonly messageRate: number;
  /** Bytes of payloads since the explorer started or was resumed. At more, the explorer pauses. */
  readonly bytes: number;
}

/** `#` at a busy plant sends everything: more than these is for nobody to read. */
export const EXPLORER_LIMITS: ExplorerLimits = { topics: 100_000, messageRate: 10_000, bytes: 100_000_000 };

/** The part of the topic tree that the page shows. */
export interface TopicQuery {
  /** Words that a topic must contain, whatever their capitals. Empty: all topics. */
  readonly search: string;
  /** The first row, from 0, and the number of rows. */
  readonly first: number;
  readonly count: number;
  /** Rows keep their order, because the pointer is over them. */
  readonly hold?: boolean;
  /** A topic filter whose topics are counted. */
  readonly filter?: string;
}

export type ToExplorer =
  /** Requests the part of the tree that the page shows; the response comes at once, and again after each change. */
  | { readonly type: 'show'; readonly query: TopicQuery }
  /** Opens or closes a branch. */
  | { readonly type: 'toggle'; readonly path: string; readonly open: boolean }
  /** Subscribes to a further filter, for example `$SYS/#`, or unsubscribes from it. */
  | { readonly type: 'include'; readonly filter: string; readonly included: boolean }
  | { readonly type: 'pause'; readonly paused: boolean }
  /** Requests the message that the page shows; the response comes at once, and again after each change. */
  | { readonly type: 'inspect'; readonly query: MessageQuery }
  /** Asks for the messages of the list as a file. */
  | { readonly type: 'export'; readonly request: number }
  /** A message from before the explorer was opened. */
  | { readonly type: 'seed'; readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean }
  /** Asks how a line of the topic field can continue. */
  | { readonly type: 'complete'; readonly request: number; readonly line: string };

/** A row of the tree: a topic, a branch, or both. */
export interface TopicRow {
  /** All levels down to this one. */
  readonly path: string;
  /** The last level. */
  readonly name: string;
  /** Levels above it. */
  readonly depth: number;
  /** Defined for a branch: whether the rows below it are shown. */
  readonly open?: boolean;
  /** Topics at and below this row that the search finds. */
  readonly topics: number;
  /** The messages of these topics, and how many of them a second. */
  readonly messages: number;
  readonly rate: number;
  /** The last message of the topic; undefined for a branch that is no topic itself. */
  readonly last?: LastMessage;
}

export interface LastMessage {
  /** The beginning of the payload: text, or two digits a byte if it is not text. */
  readonly excerpt: string;
  /** Bytes of the whole payload. */
  readonly length: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The topic has had a retained message in this session. */
  readonly retained: boolean;
}

/** The topics that a filter matches. */
export interface FilterMatches {
  readonly filter: string;
  readonly count: number;
  /** The first few of them. */
  readonly topics: readonly string[];
  /** For each level of the filter: how many topics match if a `+` takes its place. */
  readonly levels: readonly number[];
}

/** Why an explorer receives nothing. */
export type PauseReason = 'user' | 'rate' | 'bytes';

export interface TopicView {
  /** When it was made, in milliseconds since the epoch. */
  readonly now: number;
  /** All topics, and those that the search finds. */
  readonly topics: number;
  readonly found: number;
  readonly messages: number;
  /** Bytes of payloads. */
  readonly bytes: number;
  /** Messages a second. */
  readonly rate: number;
  /** Messages of topics beyond the limit. */
  readonly skipped: number;
  readonly limits: ExplorerLimits;
  readonly paused?: PauseReason;
  /** Filters that the broker refused. */
  readonly refused: ReadonlyArray<{ readonly filter: string; readonly reason: string }>;
  /** The broker has granted a filter. */
  readonly granted: boolean;
  /** All rows of the tree as it is opened. */
  readonly total: number;
  readonly first: number;
  readonly rows: readonly TopicRow[];
  readonly matches?: FilterMatches;
}

/** How a line of the topic field can continue. */
export interface Completion {
  /** The whole line, with the completion in it. */
  readonly line: string;
  /** The kind of completion: a level, or a topic that contains the words. */
  readonly label: string;
  /** Topics at and below it. */
  readonly topics: number;
  /** Further levels follow. */
  readonly branch: boolean;
}

/** The messages that the page shows. */
export interface MessageQuery {
  /** The id of the message that is shown in full; undefined for the newest. */
  readonly selected?: number;
  /** Somebody reads: the list does not move, and new messages are only counted. */
  readonly hold: boolean;
  /** The query's mapping, if the page shows what rows it makes of the messages. */
  readonly mapping?: RowMappingSpec;
}

export interface MessageHeader {
  /** Counts messages, from 1. */
  readonly id: number;
  readonly topic: string;
  /** With which the message came; undefined for one from before the explorer was opened. */
  readonly qos?: 0 | 1 | 2;
  readonly retain: boolean;
  /** Of arrival, in milliseconds since the epoch; undefined as `qos`. */
  readonly time?: number;
  /** Bytes of the whole payload. */
  readonly length: number;
  readonly excerpt: string;
}

export interface MessageDetail extends MessageHeader {
  readonly userProperties: Readonly<Record<string, string>>;
  /** Why the payload did not decode. */
  readonly failure?: string;
  /** The values of the payload, with those that contain them. */
  readonly values: readonly ValueRow[];
  /** There are more values than are shown. */
  readonly cut: boolean;
  /** A payload that is text, and what would read it better than the query does. */
  readonly readAs?: PayloadFormat;
  /** The beginning of the payload. */
  readonly bytes: Uint8Array;
}

/** A value of a payload, or an object or a list that contains values. */
export interface ValueRow {
  /** The key or the position. Empty for the payload itself. */
  readonly key: string;
  readonly depth: number;
  readonly kind: 'object' | 'list' | 'number' | 'string' | 'boolean' | 'null';
  /** The value, in one line; of an object or a list, how much it contains. */
  readonly text: string;
  /** As a query writes it. */
  readonly path: string;
  /** The path for fields and value mappings, if the topic names the field that the payload is in. */
  readonly fieldPath?: string;
  /** The value in the message before, on the same topic, if it was another one. */
  readonly before?: string;
  /** A Grafana unit id, for what the name of the value says about a known device. */
  readonly unit?: string;
  /** The unit as the payload itself has it, which needs no choice. */
  readonly payloadUnit?: string;
  /** Text that is a number, perhaps with a unit: a field needs this type, and has the number that is here as text. */
  readonly type?: 'number';
  readonly readsAs?: string;
  /** Text that is one of two words. */
  readonly words?: { readonly true: string; readonly false: string };
  /** It can be the time of the message. */
  readonly isTime?: true;
  /** A list of objects: each can be a row. */
  readonly isRows?: true;
}

/** The rows that a query makes of the last messages, as text. */
export interface Preview {
  readonly columns: readonly string[];
  /** Newest first. */
  readonly rows: ReadonlyArray<readonly string[]>;
}

export interface MessageView {
  /** Messages since the explorer was opened, and those that are not in the list because somebody reads. */
  readonly messages: number;
  readonly newer: number;
  readonly limits: ExplorerLimits;
  readonly paused?: PauseReason;
  readonly refused: TopicView['refused'];
  /** Newest first. */
  readonly list: readonly MessageHeader[];
  readonly detail?: MessageDetail;
  readonly preview?: Preview;
}

export type FromExplorer =
  | { readonly type: 'view'; readonly view: TopicView }
  | { readonly type: 'messages'; readonly view: MessageView }
  /** One message a line, as JSON. */
  | { readonly type: 'exported'; readonly request: number; readonly text: string }
  | { readonly type: 'completions'; readonly request: number; readonly completions: readonly Completion[] };
