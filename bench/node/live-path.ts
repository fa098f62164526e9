import { startEngine, type EnginePort, type PagePort } from '../../src/engine';
import type { Recording } from '../../src/connection/recording';
import type { MqttQuery } from '../../src/types';
import type { LaunchedEngine } from '../../src/connection/launch';
import { TICK_MS } from '../../src/engine/tick';
import { consume } from '../compare';
import { publishPacket } from '../../testing/mqtt-bytes';
import { concat } from '../../src/utils/concat';
import { openPanel, WatchedConnection } from '../panel';
import { FakeBroker } from './fake-broker';
import { threadMicros } from './thread-time';
import { liveBy, VirtualClock } from './virtual-clock';

export const MESSAGES_PER_TICK = 5_000;
/** The time from a batch to the response with its rows, in milliseconds. */
const PACKET_MS = 20;
const TOPICS = 10;
/** More than a query has by default, so that series can be counted beyond. */
const MAX_SERIES = 10_000;
export const SETTLING_TICKS = 5;
/** A changed query must have its rows within so many ticks. */
const MOST_TICKS = 1_000;

export interface LivePathOptions {
  readonly panels?: number;
  /** Topics that the messages of a tick are spread over. Default 10. */
  readonly topics?: number;
  readonly keepRows?: number;
  /** Number of filters that match no message, in addition to the one that matches. */
  readonly otherFilters?: readonly string[];
  /** Filters that match no message and that the panel's filter, `bench/+/value`, covers, so they are not subscribed. */
  readonly coveredFilters?: readonly string[];
  /** The messages that are stored. Default: none. */
  readonly recording?: Recording;
  /** Options of the query in addition to its topic. */
  readonly query?: Partial<MqttQuery>;
  /** Default: a number. */
  readonly payloadOf?: (n: number) => string;
}

export interface TickCost {
  /** Cost of one message, from the bytes of the socket to the circular frame, in nanoseconds. */
  readonly messageNs: number;
  /** Cost of one panel's response, in nanoseconds. */
  readonly packetNs: number;
}

/**
 * The path from the socket to the panel in one thread, with a message port that delivers at once. So the cost is that
 * of both threads, without the transfer between them.
 */
export class LivePath {
  readonly #clock = new VirtualClock();
  readonly #broker = new FakeBroker();
  readonly #connection: WatchedConnection;
  readonly #chunk: ArrayBuffer;
  readonly #panels: number;
  #packets = 0;

  private constructor({
    panels = 1,
    topics = TOPICS,
    keepRows,
    coveredFilters = [],
    otherFilters = [],
    recording,
    query,
    payloadOf = (n) => (20 + Math.sin(n)).toFixed(2),
  }: LivePathOptions) {
    liveBy(this.#clock);
    this.#panels = panels;
    this.#connection = new WatchedConnection('ws://bench', () => Promise.resolve(engineWith(this.#broker)));
    this.#connection.record(recording);
    for (let panel = 0; panel < panels; panel++) {
      const next = ({ data }: { data: unknown[] }): void => {
        this.#packets++;
        consume(data.length);
      };
      openPanel(this.#connection, 'bench/+/value', next, {
        ...(keepRows === undefined ? undefined : { keepRows }),
        ...(query === undefined ? undefined : { query }),
        ...(topics > TOPICS ? { maxSeries: MAX_SERIES } : undefined),
      });
    }
    const [{ spec }] = this.#connection.streams;
    for (const filter of [...otherFilters, ...coveredFilters]) {
      this.#connection.join({ ...spec, filters: [filter] });
    }
    this.#chunk = concat(
      Array.from({ length: MESSAGES_PER_TICK }, (_, i) => publishPacket(`bench/${i % topics}/value`, payloadOf(i)))
    ).buffer;
  }

  /** Resolves when the broker has granted every filter. */
  static async open(options: LivePathOptions): Promise<LivePath> {
    const path = new LivePath(options);
    const filters = 1 + (options.otherFilters?.length ?? 0);
    while (path.#broker.granted < filters) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The first response waits a little longer than the others.
    for (let i = 0; i < SETTLING_TICKS; i++) {
      await path.#tick();
    }
    return path;
  }

  /** Runs `ticks` ticks of 5,000 messages on ten topics. @throws {Error} if a message or a response is lost. */
  async measure(ticks: number): Promise<TickCost> {
    let [messageNs, packetNs] = [0, 0];
    const [received, packets] = [this.#connection.rows, this.#packets];
    for (let i = 0; i < ticks; i++) {
      const cost = await this.#tick();
      messageNs += cost.messageNs;
      packetNs += cost.packetNs;
    }
    const [messages, made] = [this.#connection.rows - received, this.#packets - packets];
    if (messages !== ticks * MESSAGES_PER_TICK || made !== ticks * this.#panels) {
      throw new Error(
        `${ticks} ticks: ${messages} of ${ticks * MESSAGES_PER_TICK} messages, ${made} of ${ticks * this.#panels} packets`
      );
    }
    return { messageNs: messageNs / messages, packetNs: packetNs / Math.max(1, made) };
  }

  /**
   * Opens another panel with a changed query, whose rows are read from the stored messages.
   *
   * @param rows that it has in the end.
   * @returns the cost of one message, from the query to the response that has all rows, in nanoseconds.
   */
  async change(query: Partial<MqttQuery>, rows: number): Promise<number> {
    liveBy(this.#clock);
    globalThis.gc?.();
    const before = this.#connection.rows;
    let shown = 0;
    const began = process.hrtime.bigint();
    openPanel(
      this.#connection,
      'bench/+/value',
      ({ data }) => {
        shown = data.reduce((sum, { length }) => sum + length, 0);
      },
      { query }
    );
    for (let tick = 0; tick < MOST_TICKS && this.#connection.rows - before < rows; tick++) {
      await this.#pass(TICK_MS);
    }
    await this.#pass(TICK_MS);
    const ns = Number(process.hrtime.bigint() - began);
    if (this.#connection.rows - before !== rows || shown === 0) {
      throw new Error(`${this.#connection.rows - before} of ${rows} rows were read again, and ${shown} shown`);
    }
    return ns / rows;
  }

  async #pass(ms: number): Promise<void> {
    liveBy(this.#clock);
    this.#clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #tick(): Promise<TickCost> {
    liveBy(this.#clock);
    // Collect the garbage of the last responses here, so that it is not counted for these messages. In the browser it
    // never is, because messages are decoded in another thread.
    globalThis.gc?.();
    const began = threadMicros();
    this.#broker.send(this.#chunk);
    this.#clock.advance(TICK_MS);
    const appended = threadMicros();
    // Queries handle a batch in a microtask, and respond there or when the timer of the panel fires.
    await new Promise((resolve) => setImmediate(resolve));
    this.#clock.advance(PACKET_MS);
    return { messageNs: 1e3 * (appended - began), packetNs: 1e3 * (threadMicros() - appended) };
  }
}

/** An engine in this thread, whose WebSockets are the broker's. */
export function engineWith(broker: FakeBroker): LaunchedEngine {
  // Messages from the engine arrive at once, so that they can be timed. Messages to the engine wait until it has sent its own.
  const later = queueMicrotask;
  const page: PagePort = { onmessage: null, postMessage: (data) => later(() => engine.onmessage?.({ data })) };
  const engine: EnginePort = { onmessage: null, postMessage: (data) => page.onmessage?.({ data }) };
  startEngine(engine, { openSocket: broker.openSocket, now: () => Date.now(), random: () => Math.random() });
  return { port: page, runsIn: 'page', terminate: () => undefined };
}
