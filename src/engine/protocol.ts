import type { ConnectionErrorCode } from './error-codes';
import type { ExplorerSpec, FromExplorer, ToExplorer } from './explorer-protocol';
import type { PayloadFormat, FormatOptions, PayloadLimits, RowMappingSpec, SeriesChunk } from '../payload';
import type { PivotFilter } from '../topics';

/**
 * The messages between the page and the engine, over a Worker or a message port. Everything here survives a structured
 * clone; the arrays of a batch are transferred.
 */

/** How to reach the broker. */
export interface ConnectionOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  /** The client id is this, a hyphen and a random part. */
  readonly clientIdPrefix: string;
  /** MQTT 3.1.1 is 4; `auto` tries 5 and, where the broker refuses it, 4. */
  readonly protocolVersion: 'auto' | 4 | 5;
  /** Seconds; 0 turns keepalive off. */
  readonly keepalive: number;
  /** Seconds from opening the socket to CONNACK. */
  readonly connectTimeout: number;
  /** Begin each connection with a new session. */
  readonly cleanStart: boolean;
  /** Seconds that the broker keeps the session of a connection that has ended (MQTT 5, with `cleanStart` false). */
  readonly sessionExpiry: number;
  /** Ask Sparkplug nodes for births that are missing: the one thing that is ever published. Default: nothing is. */
  readonly sparkplugRebirth?: boolean;
  /** `request`: the engine requests the credentials from the page before each attempt. */
  readonly credentials: Credentials | 'request';
}

/** User name and password of a CONNECT. Both absent: nothing. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** The filters of one stream, and the options that its payloads are read with. */
export interface StreamSpec extends RowMappingSpec {
  /** MQTT topic filters; a message that matches several of them is delivered once. */
  readonly filters: readonly string[];
  readonly qos: 0 | 1 | 2;
  /**
   * `discovery`: what devices announce of their values to Home Assistant, or as Homie has it; see `createDiscoveryDecoder`.
   * `topics`: that something came, and nothing of it.
   */
  readonly format: PayloadFormat | 'discovery' | 'topics';
  readonly formatOptions?: FormatOptions;
  /** The level of a topic that names a field, by filter; topics that differ in it only are one series. */
  readonly pivot?: readonly PivotFilter[];
  /** The use of retained messages, which a subscription brings at its beginning. Default: rows like all others. */
  readonly retained?: 'mark' | 'ignore';
  /** The maximum number of rows of a series that wait for the page. */
  readonly pendingRows: number;
  /** Rows that the page keeps of a series where the time ranges of its readers need them; the engine does not look. */
  readonly maxRows?: number;
  /** How long the page keeps a row, in milliseconds; the engine does not look at it. */
  readonly maxAgeMs?: number;
  /** Series of a stream, one for each topic and set of labels; what would open further ones is counted. */
  readonly maxSeries: number;
  /** Default `PAYLOAD_LIMITS`. */
  readonly limits?: PayloadLimits;
}

/** Why there is no connection. */
export interface ConnectionError {
  readonly code: ConnectionErrorCode;
  /** A sentence that says what happened and what to try. */
  readonly message: string;
  /** For troubleshooting: close codes, reason codes, the broker's own words. */
  readonly details?: string;
  /** The broker accepted a connection with these settings before, so host name, port and path were right. */
  readonly connectedBefore?: true;
}

/** Properties of the CONNACK of an MQTT 5 broker [MQTT5-3.2.2.3]; those that it leaves out are absent. */
export interface ServerProperties {
  readonly assignedClientId?: string;
  readonly maximumQos?: 0 | 1 | 2;
  readonly retainAvailable?: boolean;
  readonly wildcardAvailable?: boolean;
  readonly sharedAvailable?: boolean;
  readonly subscriptionIdentifiersAvailable?: boolean;
  /** Bytes. */
  readonly maximumPacketSize?: number;
  readonly receiveMaximum?: number;
  /** Seconds. */
  readonly serverKeepAlive?: number;
  readonly reasonString?: string;
  readonly responseInformation?: string;
}

export type ConnectionStatus =
  /** Not yet connected. `since`: when the first attempt began; `error`: why the last attempt failed. */
  | ({ readonly state: 'connecting'; readonly since: number; readonly error?: ConnectionError } & NegotiatedVersion)
  | {
      readonly state: 'connected';
      readonly since: number;
      readonly protocolVersion: 4 | 5;
      /** The broker had kept the session of an earlier connection. */
      readonly sessionPresent: boolean;
      readonly server?: ServerProperties;
      /** From the open socket to CONNACK, in milliseconds: one round trip and the broker's own work. */
      readonly connectMs: number;
    }
  /** Connected before, and now not; attempts go on. `since`: when the last bytes came from the broker. */
  | ({ readonly state: 'reconnecting'; readonly since: number; readonly error: ConnectionError } & NegotiatedVersion)
  /** No further attempt is made before `retry`, because it would end the same way. */
  | ({ readonly state: 'stopped'; readonly since: number; readonly error: ConnectionError } & NegotiatedVersion);

interface NegotiatedVersion {
  /** The version of MQTT that the broker has shown to know: it has accepted a connection, or refused one for another reason. */
  readonly negotiatedVersion?: 4 | 5;
}

/** The beginning of a message's payload, as a sample for the query editor. */
export interface PayloadSample {
  readonly topic: string;
  /** At most {@link SAMPLE_BYTES}. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole payload. */
  readonly length: number;
  /** The message was a retained one. */
  readonly retained?: boolean;
}

/** As much of a payload as somebody reads, and as a picture's or a program's first bytes tell what it is. */
export const SAMPLE_BYTES = 1_024;

/** A message that did not decode, or of which a part could not be read, with the reason in words. */
export interface StreamFailure extends PayloadSample {
  readonly reason: string;
}

/** A path of the query that no message has had. */
export interface MissingPath {
  readonly kind: 'field' | 'label' | 'mapping' | 'rows' | 'time';
  readonly path: string;
  /** Paths that messages have, the most similar first. */
  readonly nearest: readonly string[];
}

/** How a stream fares. */
export interface StreamStats {
  /** Messages that arrived, without the ignored ones. */
  readonly messages: number;
  /** Retained messages that the query ignores. */
  readonly ignoredMessages: number;
  /** Messages that did not decode. */
  readonly failed: number;
  readonly firstFailure?: StreamFailure;
  readonly lastFailure?: StreamFailure;
  /** Messages of which a part could not be read, and why that was in the last of them. */
  readonly partial: number;
  readonly lastProblem?: StreamFailure;
  /** Topics, and labels of them, beyond `maxSeries`. */
  readonly refusedTopics: number;
  /** Values beyond the most fields that a series may have. */
  readonly refusedValues: number;
  /** Values that were left out because their key is too long to be a name. */
  readonly longKeys: number;
  /** Objects and lists that stayed JSON because they lie too deep. */
  readonly deepValues: number;
  /** Lists of numbers that stayed JSON because they are too long. */
  readonly longLists: number;
  /** Series with a label that was too long, and is cut. */
  readonly cutLabels: number;
  /** Values that were not of the type that the query names, and became null. */
  readonly mistypedValues: number;
  /** Integers that the query wants as numbers, and that no number can hold exactly. */
  readonly inexactValues: number;
  /** Values that went to a field beside their own, which is of another type. */
  readonly siblingValues: number;
  /** Values that went to a field beside their own, which is in another unit. */
  readonly otherUnitValues: number;
  /** Rows that had no time where the query says it is, and have that of their arrival. */
  readonly untimedRows: number;
  /** What the last of them had there instead. */
  readonly untimedText?: string | undefined;
  /** Rows given up because the page did not take them in time. */
  readonly droppedRows: number;
  /** Messages after a lost connection that equal the last ones before it: the broker may have sent them again. */
  readonly unsureRepeats: number;
  /** Times of payloads that lie far from their arrival: of how many series, and of the furthest. */
  readonly skew?: { readonly series: number; readonly topic: string; readonly offsetMs: number };
  /** Paths of the query that no message has had. */
  readonly missing?: readonly MissingPath[];
}

/** Before a message has arrived. */
export function emptyStats(): StreamStats {
  return {
    messages: 0,
    ignoredMessages: 0,
    failed: 0,
    partial: 0,
    refusedTopics: 0,
    refusedValues: 0,
    longKeys: 0,
    deepValues: 0,
    longLists: 0,
    cutLabels: 0,
    mistypedValues: 0,
    inexactValues: 0,
    siblingValues: 0,
    otherUnitValues: 0,
    untimedRows: 0,
    droppedRows: 0,
    unsureRepeats: 0,
  };
}

/** The result of the subscriptions of a stream: filters that the broker refused, with its reason. */
export interface StreamRefusal {
  readonly filter: string;
  readonly reason: string;
}

/** The results of the SUBACKs for the filters of a stream. */
export interface SubscribeResult {
  /** The broker has granted every filter. */
  readonly granted: boolean;
  readonly refused: readonly StreamRefusal[];
  /** The lowest QoS that the broker has granted, if it is lower than requested. */
  readonly qos?: 0 | 1 | 2;
}

/** Topics that exist near a filter that matched nothing, nearest first; or the filters that would match them. */
export interface Nearest {
  readonly filter: string;
  readonly topics: readonly string[];
}

/** Until when messages are no longer stored, by topic, or of all topics; in milliseconds since 1970. */
export type LostMessages = ReadonlyMap<string, number> | number;

export interface StreamBatch {
  readonly stream: number;
  /** The stream begins again, with more of the past: what came before is replaced when {@link replayed} comes. */
  readonly restarted?: true;
  /** All of the past that a restarted stream begins with has come. */
  readonly replayed?: true;
  /** With {@link replayed}: which messages of before the stream opened were no longer stored. */
  readonly lost?: LostMessages;
  /** Among its rows are older ones, out of a historian's response. */
  readonly hasPast?: true;
  readonly stats: StreamStats;
  /** A message of the stream's first topic, at most once a second. */
  readonly sample?: PayloadSample;
  readonly chunks: readonly SeriesChunk[];
}

/** The limits for stored messages, and for how long they are stored. */
export interface RecorderOptions {
  /** Bytes of memory; 0 stores nothing. */
  readonly bytes: number;
  /** Milliseconds that a message is stored in memory. */
  readonly ageMs: number;
  /** The root topic of a historian (docs/history.md), such as `history`; without it, there are no requests. */
  readonly historian?: string;
  /**
   * The broker's user name does not say whose messages these are: a token source may name another user for each attempt
   * to connect. Default: messages of another user name are deleted.
   */
  readonly ignoresUser?: boolean;
  /** The browser's storage, which outlives a reload; without it, messages are stored in memory only. */
  readonly storage?: {
    /** See `MessageStorageOptions`. */
    readonly name: string;
    readonly owner: string;
    readonly tab: string;
    readonly ageMs: number;
  };
}

/** Whether a stream has what a historian knows of the spans that were requested. */
export type PastStatus =
  /** `progress`: how much of the response is shown, 0 to 1. */
  | { readonly state: 'requesting'; readonly progress?: number }
  /**
   * `truncated`: the historian had more, and has dropped it. `noUserProperties`: its messages came without their user
   * properties.
   */
  | { readonly state: 'done'; readonly truncated?: true; readonly noUserProperties?: true }
  | { readonly state: 'failed'; readonly reason: string };

/** How it went with the browser's storage. */
export type StorageStatus =
  | { readonly state: 'off' }
  /** `restored`: messages of before the page was loaded, and when the newest of them came; `skipped`: not written. */
  | {
      readonly state: 'on';
      readonly restored?: { readonly messages: number; readonly newest: number };
      readonly skipped: number;
    }
  /** Nothing is stored any longer. `reason`: in the browser's words. */
  | {
      readonly state: 'failed';
      readonly cause: 'denied' | 'full' | 'slow' | 'deleted' | 'other';
      readonly reason: string;
    };

/** Limits for writing to the browser's storage; messages that come faster are left out and counted. */
export const STORED_BYTES_PER_SECOND = 2_000_000;

export type ToEngine =
  /** `older`: the broker is known to want MQTT 3.1.1, for where the version is chosen in here. */
  | { readonly type: 'connect'; readonly options: ConnectionOptions; readonly older?: boolean }
  | { readonly type: 'open'; readonly stream: number; readonly spec: StreamSpec }
  | { readonly type: 'close'; readonly stream: number }
  /** The response to `credentials`: what the attempt is to be made with. */
  | { readonly type: 'credentials'; readonly attempt: number; readonly credentials: Credentials }
  /** The response to `credentials` if there are none. `retry`: request them again later; else wait for `retry`. */
  | {
      readonly type: 'no-credentials';
      readonly attempt: number;
      readonly error: ConnectionError;
      readonly retry: boolean;
    }
  /**
   * Makes the next attempt now: the network is back, or the tab is visible again. `force` replaces an established
   * connection too: other credentials were entered, or settings were saved.
   */
  | { readonly type: 'reconnect'; readonly force?: boolean }
  /** Asks which of these topics are near these filters: comparing thousands of them is not for the thread that draws. */
  | {
      readonly type: 'nearest';
      readonly request: number;
      readonly filters: readonly string[];
      readonly topics: readonly string[];
    }
  /** The limits for stored messages; may come again with other limits. */
  | { readonly type: 'record'; readonly options: RecorderOptions }
  /** A stream is shown over this span, in milliseconds since 1970; `to` is Infinity where it follows the clock. */
  | { readonly type: 'past'; readonly stream: number; readonly from: number; readonly to: number }
  /** The page is hidden or about to go: stores now what is stored with a delay. */
  | { readonly type: 'flush' }
  /** The page shows the rows of a stream no more often than each `ms` milliseconds, so batches need not come sooner. */
  | { readonly type: 'tick'; readonly stream: number; readonly ms: number }
  /** A batch has been taken; the next may come. */
  | { readonly type: 'ack' }
  | { readonly type: 'stop' }
  /** Instead of `connect`: the engine becomes an explorer; see `explorer-protocol.ts`. `older` as above. */
  | {
      readonly type: 'explore';
      readonly options: ConnectionOptions;
      readonly older: boolean;
      readonly spec: ExplorerSpec;
    }
  | ToExplorer;

export type FromEngine =
  | { readonly type: 'ready' }
  /** `stored`, once it is connected again: the streams whose messages the broker has stored while it was away. */
  | { readonly type: 'status'; readonly status: ConnectionStatus; readonly stored?: readonly number[] }
  /** Requests the credentials of an attempt, which waits for them. */
  | { readonly type: 'credentials'; readonly attempt: number }
  | ({ readonly type: 'subscribed'; readonly stream: number } & SubscribeResult)
  /** The response to `nearest`, without the filters that have no near topic. */
  | { readonly type: 'nearest'; readonly request: number; readonly nearest: readonly Nearest[] }
  /** A Content-Security-Policy has blocked something in the Worker. */
  | { readonly type: 'violation'; readonly directive: string; readonly blocked: string }
  | { readonly type: 'storage'; readonly status: StorageStatus }
  /** `replaying`: those of the streams that are being sent what it has brought; the status holds when they have it. */
  | {
      readonly type: 'past';
      readonly streams: readonly number[];
      readonly status: PastStatus;
      readonly replaying: readonly number[];
    }
  /** When retained messages came whose rows have gone to their own times, by topic; in milliseconds since 1970. */
  | { readonly type: 'arrivals'; readonly arrivals: ReadonlyMap<string, number> }
  /** A gap has been filled from history. */
  | { readonly type: 'filled'; readonly from: number; readonly to: number }
  /** Messages of this span were not recorded, or are lost; in milliseconds since 1970. `stored`: streams that miss nothing. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number; readonly stored: readonly number[] }
  /** The response to `stop`: the DISCONNECT is sent. */
  | { readonly type: 'stopped' }
  | { readonly type: 'batch'; readonly streams: readonly StreamBatch[] }
  | FromExplorer;

/** The end of a message channel: a Worker, a MessagePort, or a Worker's own global scope. */
export interface Port<Out, In> {
  postMessage(message: Out, transfer?: Transferable[]): void;
  onmessage: ((event: { data: In }) => void) | null;
}

export type EnginePort = Port<FromEngine, ToEngine>;
export type PagePort = Port<ToEngine, FromEngine>;
