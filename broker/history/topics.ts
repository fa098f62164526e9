import type { ReservedTopics } from '../auth/reserved-topics';
import { validateFilter, quoteName } from '../topic';

export const DEFAULT_ROOT = 'history';

/** Longest request id, in UTF-16 units. */
const MAX_REQUEST_ID_LENGTH = 64;

/** Longest root topic, in bytes; the client id and the request id follow it. */
const MAX_ROOT_BYTES = 200;

/** A parsed request topic. */
export interface RequestTopic {
  /** The client that receives the response. */
  clientId: string;
  /** The topic of the response. */
  responseTopic: string;
}

/**
 * The topics of the history protocol. A client id is one topic level, as `encodeURIComponent` writes it: `/`, `+`, `#`
 * and `%` must be escaped, other characters may be.
 */
export class HistoryTopics implements ReservedTopics {
  readonly root: string;
  /** The retained topic that announces a historian. */
  readonly status: string;
  /** The filter that matches every request, except those on {@link requestTopic}. */
  readonly requestFilter: string;
  /** The topic of requests that name their response topic (MQTT 5). */
  readonly requestTopic: string;
  /** The filter that matches every mark. */
  readonly markFilter: string;
  readonly #prefix: string;
  readonly #requestPrefix: string;
  readonly #responsePrefix: string;
  readonly #markPrefix: string;

  constructor(root: string = DEFAULT_ROOT) {
    this.root = root;
    this.status = `${root}/status`;
    this.requestTopic = `${root}/request`;
    this.requestFilter = `${root}/request/+/+`;
    this.markFilter = `${root}/mark/+/+`;
    this.#prefix = `${root}/`;
    this.#requestPrefix = `${root}/request/`;
    this.#responsePrefix = `${root}/response/`;
    this.#markPrefix = `${root}/mark/`;
  }

  /** Whether a topic belongs to the protocol: such topics are never recorded. */
  isOwn(topic: string): boolean {
    return (
      topic.startsWith(this.#prefix) &&
      (this.isRequest(topic) || this.isFromHistorian(topic) || topic === this.requestTopic)
    );
  }

  /** Whether clients publish requests on a topic. */
  isRequest(topic: string): boolean {
    return topic.startsWith(this.#requestPrefix);
  }

  /** Whether only the historian may publish on a topic. */
  isFromHistorian(topic: string): boolean {
    return topic.startsWith(this.#responsePrefix) || topic.startsWith(this.#markPrefix) || topic === this.status;
  }

  /** Whether a topic is that of a mark. */
  isMark(topic: string): boolean {
    return topic.startsWith(this.#markPrefix);
  }

  /** Describes what is wrong with a request topic; undefined for a valid one. */
  validateRequestTopic(topic: string): string | undefined {
    return this.parseRequestTopic(topic)
      ? undefined
      : `is not a request topic: expected ${this.#requestPrefix}CLIENT-ID/REQUEST-ID, with a request id of at most ${MAX_REQUEST_ID_LENGTH} characters`;
  }

  /** Parses a request topic; undefined for any other topic. */
  parseRequestTopic(topic: string): RequestTopic | undefined {
    const levels = topic.slice(this.#requestPrefix.length).split('/');
    const clientId = decode(levels[0]);
    return this.isRequest(topic) &&
      levels.length === 2 &&
      clientId &&
      levels[1] &&
      levels[1].length <= MAX_REQUEST_ID_LENGTH
      ? { clientId, responseTopic: this.#responsePrefix + levels.join('/') }
      : undefined;
  }

  /** The client and the response topic of a request that names its response topic (MQTT 5); undefined for other topics. */
  parseResponseTopic(responseTopic: string): RequestTopic | undefined {
    return responseTopic.startsWith(this.#responsePrefix)
      ? this.parseRequestTopic(this.#requestPrefix + responseTopic.slice(this.#responsePrefix.length))
      : undefined;
  }

  /** The response topic of a client, for a request that named another client. */
  responseTopicOf(clientId: string, { responseTopic }: RequestTopic): string {
    return this.#responsePrefix + clientAndRequest(clientId, responseTopic);
  }

  /** The topic of the mark of a request, for the client that receives the mark. */
  markTopic(clientId: string, responseTopic: string): string {
    return this.#markPrefix + clientAndRequest(clientId, responseTopic);
  }

  /** Any client may publish a request: the response holds only messages that the client may read. */
  checkPublish(topic: string): 'allowed' | { refused: string } | undefined {
    if (this.isFromHistorian(topic)) {
      return { refused: 'is reserved for the broker' };
    }
    if (!this.isRequest(topic)) {
      return undefined;
    }
    const refused = this.validateRequestTopic(topic);
    return refused === undefined ? 'allowed' : { refused };
  }

  /** Whether a client may receive the messages on a topic; undefined for a topic outside the protocol. */
  mayRead(clientId: string, topic: string): boolean | undefined {
    return this.isOwn(topic)
      ? topic === this.status || (this.#clientPrefix(topic) !== undefined && this.#belongsTo(clientId, topic))
      : undefined;
  }

  /** Whether a client may subscribe to a filter; undefined if the protocol has no rule. */
  maySubscribe(clientId: string, filter: string): boolean | undefined {
    if (filter === this.status) {
      return true;
    }
    // A wildcard in place of the client id is an ordinary filter, and delivers the client's own responses only
    return this.#clientPrefix(filter) !== undefined && !/[+#]/.test(this.#clientLevel(filter))
      ? this.#belongsTo(clientId, filter)
      : undefined;
  }

  #belongsTo(clientId: string, name: string): boolean {
    return clientId !== '' && decode(this.#clientLevel(name)) === clientId;
  }

  #clientLevel(name: string): string {
    return name.slice(this.#clientPrefix(name)?.length ?? 0).split('/', 1)[0];
  }

  /** The levels before the client id in the topic or filter of a response or a mark; undefined for other ones. */
  #clientPrefix(name: string): string | undefined {
    return [this.#responsePrefix, this.#markPrefix].find((prefix) => name.startsWith(prefix));
  }
}

/** The last two levels of a topic of a client: its id, and the id of the request that a response topic ends with. */
function clientAndRequest(clientId: string, responseTopic: string): string {
  return encodeURIComponent(clientId) + responseTopic.slice(responseTopic.lastIndexOf('/'));
}

/** Undefined for a level that `encodeURIComponent` never writes. */
function decode(level: string): string | undefined {
  try {
    return decodeURIComponent(level);
  } catch {
    return undefined;
  }
}

/** Describes what is wrong with a root topic; undefined for a valid one. */
export function validateRoot(root: string): string | undefined {
  if (/[+#]/.test(root)) {
    return `${quoteName(root)} contains a wildcard`;
  }
  if (root.startsWith('$')) {
    return `${quoteName(root)} begins with $, where brokers do not let clients publish [MQTT-4.7.2-1]`;
  }
  if (root.split('/').includes('')) {
    return `${quoteName(root)} has an empty level`;
  }
  const error =
    Buffer.byteLength(root) > MAX_ROOT_BYTES ? `is longer than ${MAX_ROOT_BYTES} bytes` : validateFilter(root);
  return error && `${quoteName(root)} ${error}`;
}
