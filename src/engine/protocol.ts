import type { Format, SeriesChunk } from '../payload';

/**
 * What passes between the page and the engine, over a Worker or a message port. Everything here survives a
 * structured clone; the arrays of a batch are transferred.
 */

/** How to reach the broker. */
export interface ConnectionOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  /** The client id is this, a hyphen and a random part. */
  readonly clientIdPrefix: string;
  /** MQTT 3.1.1 is 4. */
  readonly protocolVersion: 4 | 5;
  /** Seconds; 0 turns keepalive off. */
  readonly keepalive: number;
  /** Seconds from opening the socket to CONNACK. */
  readonly connectTimeout: number;
}

/** What one stream subscribes to and how its payloads are read. */
export interface StreamSpec {
  /** MQTT topic filters; a message that matches several of them is delivered once. */
  readonly filters: readonly string[];
  readonly qos: 0 | 1 | 2;
  readonly format: Format;
  /** Rows of a series that wait for the page at the most. */
  readonly maxRows: number;
  /** How long the page keeps a row, in milliseconds; the engine does not look at it. */
  readonly maxAgeMs?: number;
  /** Topics that become series of their own; further ones are counted. */
  readonly maxSeries: number;
}

/** Why there is no connection. */
export interface ConnectionFault {
  readonly code: 'unreachable' | 'timeout' | 'not-mqtt' | 'refused' | 'lost' | 'url' | 'engine';
  /** A sentence that says what happened and what to try. */
  readonly message: string;
}

export type ConnectionStatus =
  /** Not yet connected. `since`: when the first attempt began; `fault`: why the last attempt failed. */
  | { readonly state: 'connecting'; readonly since: number; readonly fault?: ConnectionFault }
  | { readonly state: 'connected'; readonly since: number }
  /** Connected before, and now not; attempts go on. `since`: when the connection was lost. */
  | { readonly state: 'reconnecting'; readonly since: number; readonly fault: ConnectionFault }
  /** No further attempt is made, because it would end the same way. */
  | { readonly state: 'stopped'; readonly since: number; readonly fault: ConnectionFault };

/** How a stream fares. */
export interface StreamStats {
  /** Messages that arrived. */
  readonly messages: number;
  /** Messages that did not decode. */
  readonly failed: number;
  readonly lastFailure?: { readonly topic: string; readonly reason: string };
  /** Topics beyond `maxSeries`. */
  readonly refusedTopics: number;
  /** Values beyond the most fields that a series may have. */
  readonly refusedValues: number;
  /** Rows given up because the page did not take them in time. */
  readonly droppedRows: number;
}

/** What became of the filters of a stream: those that the broker refused, with its reason. */
export interface StreamRefusal {
  readonly filter: string;
  readonly reason: string;
}

export interface StreamBatch {
  readonly stream: number;
  readonly stats: StreamStats;
  readonly chunks: readonly SeriesChunk[];
}

export type ToEngine =
  | { readonly type: 'connect'; readonly options: ConnectionOptions }
  | { readonly type: 'open'; readonly stream: number; readonly spec: StreamSpec }
  | { readonly type: 'close'; readonly stream: number }
  /** A batch has been taken; the next may come. */
  | { readonly type: 'taken' }
  | { readonly type: 'stop' };

export type FromEngine =
  | { readonly type: 'ready' }
  | { readonly type: 'status'; readonly status: ConnectionStatus }
  /** `granted`: every filter has been answered by the broker. */
  | {
      readonly type: 'subscribed';
      readonly stream: number;
      readonly granted: boolean;
      readonly refused: readonly StreamRefusal[];
    }
  /** The answer to `stop`: the broker has been told. */
  | { readonly type: 'stopped' }
  | { readonly type: 'batch'; readonly streams: readonly StreamBatch[] };

/** The end of a message channel: a Worker, a MessagePort, or a Worker's own global scope. */
export interface Port<Out, In> {
  postMessage(message: Out, transfer?: Transferable[]): void;
  onmessage: ((event: { data: In }) => void) | null;
}

export type EnginePort = Port<FromEngine, ToEngine>;
export type PagePort = Port<ToEngine, FromEngine>;
