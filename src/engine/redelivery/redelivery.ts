import { hashBytes, hashText } from '../../payload/hash';
import type { IncomingMessage } from '../incoming-message';
import { type Received, ReceivedMessages, type TopicPast } from './received';
import { TopicRun } from './topic-run';

/** A message with DUP that equals one from before is taken for it if a new one would with at most this probability. */
const MAX_CHANCE_WITH_DUP = 1 / 4;

/** How long a run that does not go on is waited for, in milliseconds. A broker sends it at once. */
const PAUSE_MS = 1_000;

/** After so many milliseconds of a connection, no message is held any longer, and no run begins. */
const RUNS_MS = 5_000;

/** The maximum number of bytes of payload that are held. */
const MAX_HELD_BYTES = 16_000_000;

/** A topic of the connection before, while messages of it may come again. */
interface Topic {
  readonly past: TopicPast;
  readonly run: TopicRun;
  /** Those that have come again over this connection. */
  readonly repeated: Set<Received>;
}

/**
 * Knows the messages of QoS 1 whose acknowledgement was lost with a connection. A broker that kept the session sends
 * them again, and a row must not come twice. By the specification they have the same packet identifier and DUP
 * [MQTT-4.4.0-1]. Some brokers set DUP with another identifier or out of order (NATS, mochi), or say that there is no
 * session (ActiveMQ Classic); others do not set DUP (Aedes 1.2, rumqttd, Artemis): there, the run of messages of a
 * topic must be the same, to its end.
 */
export class Redelivery {
  readonly #deliver: (message: IncomingMessage) => void;
  readonly #received = new ReceivedMessages();
  #topics = new Map<number, Topic>();
  /** Topics that hold messages, in the order of their first. */
  readonly #holding = new Set<Topic>();
  #heldBytes = 0;
  #connection = 0;
  /** The broker kept the session of the connection before. */
  #isResumed = false;
  /** The broker has marked a message with DUP that it sent again, so others that it does not mark are new. */
  #marks = false;
  /** A new message of this connection has an identifier from before it, so identifiers do not tell messages apart. */
  #reusesIds = false;
  /** The broker has sent messages again over this connection. */
  #hasRepeated = false;
  #runsUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param deliver takes each message once; its `mayRepeat` says that it cannot be told from one that was sent again. */
  constructor(deliver: (message: IncomingMessage) => void) {
    this.#deliver = deliver;
  }

  /** A connection begins. @param isResumed whether the broker kept the session of the one before. */
  begin(isResumed: boolean): void {
    this.end();
    this.#connection++;
    this.#isResumed = isResumed;
    this.#hasRepeated = false;
    this.#reusesIds = false;
    this.#runsUntil = performance.now() + RUNS_MS;
    this.#topics = new Map(
      [...this.#received.byTopic()].map(([topic, past]) => {
        const run = new TopicRun({ ...past, messages: past.messages.filter(({ isRetained }) => !isRetained) });
        return [topic, { past, run, repeated: new Set() }];
      })
    );
  }

  /** A connection has ended: what is held is new as far as can be told. */
  end(): void {
    clearTimeout(this.#timer);
    const held = [...this.#holding].flatMap(({ run }) => run.end());
    this.#holding.clear();
    this.#heldBytes = 0;
    held.forEach((message) => this.#add(message));
  }

  /** A message of QoS 1 has come. */
  receive(message: IncomingMessage): void {
    const { messageId: id, payload, dup, retain } = message;
    const topic = hashText(message.topic);
    const known = this.#topics.get(topic);
    this.#reusesIds ||= !dup && (this.#received.withId(id ?? 0)?.connection ?? Infinity) < this.#connection;
    if (known === undefined || id === undefined) {
      this.#add(message);
      return;
    }
    const hash = hashBytes(payload, topic);
    if (dup) {
      this.#receiveMarked(message, known, hash);
    } else if (
      retain ||
      known.run.isOver ||
      !this.#isResumed ||
      this.#marks ||
      (known.run.held.length === 0 && performance.now() > this.#runsUntil)
    ) {
      this.#add(message);
    } else {
      this.#receiveInRun(message, known, hash);
    }
  }

  #receiveMarked(message: IncomingMessage, { past, repeated }: Topic, hash: number): void {
    const id = message.messageId!;
    const same = this.#reusesIds ? undefined : this.#received.withId(id);
    const isEqual = (each: Received): boolean => each.hash === hash && !repeated.has(each);
    const isExact = same !== undefined && same.connection < this.#connection && isEqual(same);
    const equal = isExact ? same : past.messages.find(isEqual);
    if (equal === undefined) {
      this.#add(message);
    } else if (isExact || past.chance <= MAX_CHANCE_WITH_DUP) {
      this.#marks = true;
      repeated.add(equal);
      this.#received.repeat(equal, id, this.#connection);
    } else {
      this.#add({ ...message, mayRepeat: true });
    }
  }

  #receiveInRun(message: IncomingMessage, topic: Topic, hash: number): void {
    const result = topic.run.add(message, hash, this.#hasRepeated);
    if (result.state === 'held') {
      this.#heldBytes += message.payload.length;
      this.#holding.add(topic);
      clearTimeout(this.#timer);
      if (this.#heldBytes > MAX_HELD_BYTES) {
        this.end();
      } else {
        const left = Math.max(0, this.#runsUntil - performance.now());
        this.#timer = setTimeout(() => this.end(), Math.min(PAUSE_MS, left));
      }
      return;
    }
    this.#holding.delete(topic);
    this.#heldBytes -= result.held.reduce((sum, { payload }) => sum + payload.length, 0);
    if (result.state === 'repeated') {
      this.#hasRepeated = true;
      [...result.held, message].forEach(({ messageId }, i) => {
        topic.repeated.add(result.before[i]);
        this.#received.repeat(result.before[i], messageId!, this.#connection);
      });
    } else {
      for (const each of [...result.held, message]) {
        this.#add(result.isUnsure ? { ...each, mayRepeat: true } : each);
      }
    }
  }

  #add(message: IncomingMessage): void {
    const { messageId: id, payload, retain } = message;
    if (id !== undefined) {
      const topic = hashText(message.topic);
      const hash = hashBytes(payload, topic);
      this.#received.add({ topic, hash, id, connection: this.#connection, isRetained: retain });
    }
    this.#deliver(message);
  }
}
