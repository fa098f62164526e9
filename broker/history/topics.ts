import type { ReservedTopics } from '../auth/reserved-topics';
import { filterFault, quote } from '../topic';

export const DEFAULT_ROOT = 'history';

/** Characters of the number of an ask. */
const MAX_REQUEST_ID_LENGTH = 64;

/** An ask's topic, taken apart. */
export interface RequestTopic {
  /** The client id that is to be answered. */
  clientId: string;
  /** Where its answer goes. */
  responseTopic: string;
}

/**
 * The topics of a historian. A client id is one level of them, as `encodeURIComponent` writes it: a `/`, `+`, `#` or `%`
 * in it has to be written as `%2F` and so on, and what else is escaped may be.
 */
export class HistoryTopics implements ReservedTopics {
  readonly root: string;
  /** Retained: there is a historian. */
  readonly status: string;
  /** Matches every ask. */
  readonly requestFilter: string;
  readonly #below: string;
  readonly #ask: string;
  readonly #answer: string;

  constructor(root: string = DEFAULT_ROOT) {
    this.root = root;
    this.status = `${root}/status`;
    this.requestFilter = `${root}/request/+/+`;
    this.#below = `${root}/`;
    this.#ask = `${root}/request/`;
    this.#answer = `${root}/response/`;
  }

  /** Whether a topic is the historian's own: it is never kept. */
  isOwn(topic: string): boolean {
    return topic.startsWith(this.#below) && (this.isRequest(topic) || this.isFromHistorian(topic));
  }

  /** Whether clients say something to the historian on it. */
  isRequest(topic: string): boolean {
    return topic.startsWith(this.#ask);
  }

  /** Whether the historian says something on it, and nobody else may. */
  isFromHistorian(topic: string): boolean {
    return topic.startsWith(this.#answer) || topic === this.status;
  }

  /** Says what is wrong with the topic of an ask, or undefined when nothing is. */
  validateRequestTopic(topic: string): string | undefined {
    return this.parseRequestTopic(topic)
      ? undefined
      : `is not a request topic: expected ${this.#ask}CLIENT-ID/REQUEST-ID, with a request id of at most ${MAX_REQUEST_ID_LENGTH} characters`;
  }

  /** Undefined for a topic that nobody can be answered on. */
  parseRequestTopic(topic: string): RequestTopic | undefined {
    const levels = topic.slice(this.#ask.length).split('/');
    const client = decoded(levels[0]);
    return this.isRequest(topic) &&
      levels.length === 2 &&
      client &&
      levels[1] &&
      levels[1].length <= MAX_REQUEST_ID_LENGTH
      ? { clientId: client, responseTopic: this.#answer + levels.join('/') }
      : undefined;
  }

  /** Where a client finds what went wrong with an ask that named another client. */
  responseTopicOf(client: string, { responseTopic: answer }: RequestTopic): string {
    return `${this.#answer}${encodeURIComponent(client)}${answer.slice(answer.lastIndexOf('/'))}`;
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

  /** Whether a client receives the messages on a topic; undefined for a topic that is not the historian's. */
  mayRead(client: string, topic: string): boolean | undefined {
    return this.isOwn(topic)
      ? topic === this.status || (topic.startsWith(this.#answer) && this.#isOf(client, topic))
      : undefined;
  }

  /** Whether a client may subscribe to a filter, where that is the historian's to say; undefined elsewhere. */
  maySubscribe(client: string, filter: string): boolean | undefined {
    if (filter === this.status) {
      return true;
    }
    // A wildcard in the place of the client id may be asked for like any other filter, and brings the client's own
    return filter.startsWith(this.#answer) && !/[+#]/.test(this.#clientLevel(filter))
      ? this.#isOf(client, filter)
      : undefined;
  }

  #isOf(client: string, name: string): boolean {
    return client !== '' && decoded(this.#clientLevel(name)) === client;
  }

  #clientLevel(name: string): string {
    return name.slice(this.#answer.length).split('/', 1)[0];
  }
}

/** Undefined for what `encodeURIComponent` never writes. */
function decoded(level: string): string | undefined {
  try {
    return decodeURIComponent(level);
  } catch {
    return undefined;
  }
}

/** Says what is wrong with a root topic, or undefined when nothing is. */
export function validateRoot(root: string): string | undefined {
  if (/[+#]/.test(root)) {
    return `${quote(root)} holds a wildcard`;
  }
  if (root.startsWith('$')) {
    return `${quote(root)} begins with $, where brokers do not let clients publish [MQTT-4.7.2-1]`;
  }
  if (root.split('/').includes('')) {
    return `${quote(root)} has an empty level`;
  }
  // Room for the client id and the number behind it
  const fault = Buffer.byteLength(root) > 200 ? 'is longer than 200 bytes' : filterFault(root);
  return fault && `${quote(root)} ${fault}`;
}
