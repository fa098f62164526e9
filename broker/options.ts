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

/** Options of `startBroker`; without any, the broker is for this machine only, in memory and open to every client. */
export interface BrokerOptions extends PolicyHooks, AccessOptions {
  /** Listener for MQTT over TCP; false for none. */
  tcp?: Omit<TcpListenerOptions, 'type'> | false;
  /** Listener for MQTT over WebSockets; false for none. */
  ws?: Omit<WsListenerOptions, 'type'> | false;
  /** Further listeners, with or without TLS. */
  listeners?: readonly ListenerOptions[];
  /** The reaction to a port that is in use: fail (default), or take the next free one, which the endpoint then has. */
  portTaken?: 'fail' | 'next';
  /**
   * Origins of web pages that may connect. Default: any if the broker requires credentials; otherwise pages of this machine
   * and of the broker's own host.
   */
  origins?: Origins;
  /** Limits that differ from `DEFAULT_LIMITS`; their units are at `Limits`. */
  limits?: Partial<Limits>;
  /** Store of retained messages, sessions and queued messages. Default: memory, which is lost when the broker stops. */
  storage?: Storage | Promise<Storage>;
  /** Messages to record for history requests; see docs/history.md. Default: none. */
  history?: HistoryOptions;
  /** Seconds between two publications of statistics on `$SYS/broker/...`; 0 for none, which is the default. */
  sysInterval?: number;
  /** Clock for session expiry and history, in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
  /** Wraps each connection before Aedes receives it, for fault injection; see `fixture`. */
  wrapStream?: (stream: ClientStream) => ClientStream;
  /** Called with every published message, in order, when it is handed to its subscribers. */
  onPublish?: (message: PublishedMessage) => void;
  /**
   * Called with the error of every client that is disconnected or refused: malformed bytes, a limit, a failed login, a
   * refused topic, a lost connection; and with errors of the store and of history. None of these ends the process.
   */
  onClientError?: (error: Error, origin: ErrorOrigin) => void;
}

/** A message that the broker publishes itself. */
export interface Message {
  /** A topic name, without wildcards. */
  topic: string;
  /** Text is sent as UTF-8. An empty payload with `retain` removes the retained message of the topic. */
  payload: string | Uint8Array;
  /** Default: 0. */
  qos?: 0 | 1 | 2;
  /** Default: false. */
  retain?: boolean;
}

/** A message that was published before it is recorded. */
export interface PastMessage extends Message {
  /** Time of its arrival, in milliseconds since 1970. */
  time: number;
}

/** A message that the broker has handed to its subscribers. */
export interface PublishedMessage {
  topic: string;
  /** The bytes as they came; do not change them. */
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** Client id of the publisher; undefined for `Broker.publish`. */
  clientId: string | undefined;
}

/** The connection of a client that the broker has accepted. */
export interface Connection {
  clientId: string;
  /** `tcp`, `tls`, `ws` or `wss`. */
  listener: ListenerType;
  /** An IP address, as the socket has it; `undefined` if the stream has none. */
  remoteAddress: string | undefined;
  /** Undefined for a client without credentials. */
  user?: string;
}

/** A running broker, as `startBroker` returns it. `await using` closes it at the end of the block. */
export interface Broker {
  /** The first TCP listener, with or without TLS. */
  readonly tcp: Endpoint | undefined;
  /** The first WebSocket listener, with or without TLS. */
  readonly ws: Endpoint | undefined;
  /** All listeners, in the order in which they were opened. */
  readonly endpoints: readonly Endpoint[];
  /**
   * Publishes as the broker itself; resolves once the message was handed to the subscribers.
   *
   * @throws Error when the topic is invalid, or the broker is closed
   */
  publish: (message: Message) => Promise<void>;
  /**
   * Records messages of the past in the history, without publishing them: no subscriber receives them. The newest retained
   * message of each topic becomes its retained message. All messages are recorded before the call returns; the promise
   * resolves when the retained messages are stored.
   *
   * The limits of the history apply. A message is skipped if no filter matches its topic, or if the topic has a newer
   * message in the history.
   *
   * @param messages in the order of time
   * @param until the messages are complete until this time, in milliseconds since 1970. Default: until the last of them.
   * Responses have an outage from there to the start of the broker.
   * @returns the number of recorded messages
   * @throws Error when the broker has no history, or a topic is invalid; the messages before it are recorded
   * @throws RangeError when a time is not a number, or is after now
   */
  importHistory: (messages: Iterable<PastMessage>, until?: number) => Promise<number>;
  /** Number of connected clients. */
  clients(): number;
  /** The connected clients. */
  connections(): Connection[];
  /** Filters of each connected client, by client id. */
  subscriptions(): Map<string, string[]>;
  /** Current numbers, and counters since the start; see `docs/broker.md` for the same as metrics. */
  stats(): Stats;
  /**
   * Reads users, rules, keys and certificates again, and disconnects the clients whose user was removed or has another
   * password. The rights of the other clients follow the new rules from then on.
   *
   * @throws BrokerError when a file is invalid; then nothing changes
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
