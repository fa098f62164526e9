import type { AccessOptions } from './auth/access';
import type { ErrorOrigin } from './errors';
import type { ClientStream, ListenerType } from './transport/client-stream';
import type { HistoryOptions } from './history/options';
import type { Limits } from './limits';
import type { Endpoint, ListenerOptions, TcpListenerOptions, WsListenerOptions } from './transport/listener-options';
import type { Origins } from './transport/origins';
import type { PolicyHooks } from './auth/hooks';
import type { Stats } from './stats';
import type { Storage } from './storage/storage';

export interface BrokerOptions extends PolicyHooks, AccessOptions {
  /** MQTT over TCP, or false for none. */
  tcp?: Omit<TcpListenerOptions, 'type'> | false;
  /** MQTT over WebSockets, or false for none. */
  ws?: Omit<WsListenerOptions, 'type'> | false;
  /** Further listeners, TLS ones among them. */
  listeners?: readonly ListenerOptions[];
  /** What to do when a port is taken: fail (default), or take the next free one, which the endpoint then tells. */
  portTaken?: 'fail' | 'next';
  /**
   * Web pages that may connect. Default: any when clients have to show credentials; else those of this machine and of
   * the broker's own host.
   */
  origins?: Origins;
  limits?: Partial<Limits>;
  /** Where retained messages, sessions and queued messages are kept. Default: in memory, gone when the broker stops. */
  storage?: Storage | Promise<Storage>;
  /** What is kept of the past, for clients that ask for it; see docs/history.md. Default: nothing. */
  history?: HistoryOptions;
  /** The time in milliseconds since 1970, for the age of sessions and for history. Default: the clock. */
  now?: () => number;
  /** Wraps each connection before Aedes gets it. For fault injection; see `fixture`. */
  wrapStream?: (stream: ClientStream) => ClientStream;
  /** Told about every message that is published, in order, as it is handed to its subscribers. */
  onPublish?: (message: PublishedMessage) => void;
  /**
   * Told about every client that is dropped or refused for a reason: malformed bytes, a limit, a bad login, a refused
   * topic, a broken connection; and about faults of the store. None of these ever ends the process.
   */
  onClientError?: (error: Error, origin: ErrorOrigin) => void;
}

export interface Message {
  topic: string;
  payload: string | Uint8Array;
  /** Default: 0. */
  qos?: 0 | 1 | 2;
  /** Default: false. */
  retain?: boolean;
}

export interface PublishedMessage {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** Who published it; undefined for `Broker.publish`. */
  clientId: string | undefined;
}

export interface Connection {
  clientId: string;
  listener: ListenerType;
  remoteAddress: string | undefined;
  /** Undefined for a client that showed no credentials. */
  user?: string;
}

export interface Broker {
  /** The first TCP listener, with or without TLS. */
  readonly tcp: Endpoint | undefined;
  /** The first WebSocket listener, with or without TLS. */
  readonly ws: Endpoint | undefined;
  readonly endpoints: readonly Endpoint[];
  /**
   * Publishes as the broker itself; resolves when the message was handed to the subscribers.
   *
   * @throws Error when the topic is not one, or the broker is closed
   */
  publish: (message: Message) => Promise<void>;
  /** How many clients are connected. */
  clients(): number;
  connections(): Connection[];
  /** The filters that each connected client is subscribed to, by client id. */
  subscriptions(): Map<string, string[]>;
  stats(): Stats;
  /**
   * Reads users, rules, keys and certificates again, and drops the clients that may not stay: their user is gone or has
   * another password. What the others may do is asked afresh from then on.
   *
   * @throws BrokerError when something cannot be used; then all stays as it was
   */
  reload(): Promise<void>;
  /** Removes expired sessions at once; the broker itself does so at least once a minute. */
  expireSessions(): Promise<void>;
  /** Closes every connection; the clients may reconnect. */
  disconnectAll(): void;
  /** Disconnects the clients and closes every handle. Further calls have no effect. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
