import { WebSocket } from 'ws';
import { engineInPage } from '../connection/launch';
import { startEngine } from '../engine/engine';
import type { ConnectionOptions, EnginePort, FromEngine, ToEngine } from '../engine/protocol';
import type { RunDeps } from '../query/run-deps';
import { testDeps, testPool } from './test-pool';

export interface PageOptions {
  readonly url: string;
  readonly protocolVersion: ConnectionOptions['protocolVersion'];
  /** The database in which messages are stored over a reload; none by default. */
  readonly storage?: string | undefined;
  /** For stored messages; enough for all by default. */
  readonly bytes?: number;
}

/** A message of the random actions within a packet: its topic, a few bytes, and its payload. */
const MESSAGE = /(n\/(?:[01]|equal|retained))[\s\S]{0,8}?\{"n":(\d+),/g;

/** Characters of such a message, at most. */
const LONGEST = 64;

function nameOf(topic: string, n: number): string {
  return `${topic} ${n}`;
}

/** A page with its engine, whose connections a test can cut. */
export class RecordedPage {
  readonly deps: RunDeps;
  #sockets: WebSocket[] = [];
  #isCut = false;
  #stop: () => void = () => undefined;
  #isConnected = false;
  #isStopped = false;
  /** Streams, and whether the broker has granted their subscriptions over the present connection. */
  readonly #streams = new Map<number, boolean>();
  /** Streams for which the historian is asked. */
  readonly #requesting = new Set<number>();
  /** Messages that have come over any connection, by {@link nameOf}, and how often. */
  readonly #received = new Map<string, number>();

  constructor({ url, protocolVersion, storage, bytes = 16_000_000 }: PageOptions) {
    const start = (port: EnginePort): void =>
      startEngine(this.#watched(port), {
        openSocket: (address, protocols) => {
          // Nothing listens on this port
          const socket = new WebSocket(this.#isCut ? 'ws://127.0.0.1:1/' : address, protocols);
          this.#sockets.push(socket);
          this.#watch(socket);
          return socket;
        },
        now: () => Date.now(),
        random: () => 0,
      });
    this.deps = testDeps({
      url,
      protocolVersion,
      pool: testPool({
        launch: () => Promise.resolve(engineInPage(start, 'test')),
        tabId: () => Promise.resolve('tab'),
      }),
      recording: {
        bytes,
        ageMs: 366 * 86_400_000,
        historian: 'history',
        ...(storage === undefined ? undefined : { storage: { name: storage, owner: 'anna', ageMs: 86_400_000 } }),
      },
    });
  }

  /** Whether the broker has granted the subscriptions of all streams. */
  get isLive(): boolean {
    return this.#isConnected && this.#streams.size > 0 && [...this.#streams.values()].every(Boolean);
  }

  /** Whether an answer of the historian is on its way, or is being read. */
  get isRequesting(): boolean {
    return this.#requesting.size > 0;
  }

  /** How often a message of the topic with this number has come, over any connection. */
  received(topic: string, n: number): number {
    return this.#received.get(nameOf(topic, n)) ?? 0;
  }

  /** The page goes: its engine stores what it has, and stops. Panels that are still there get nothing more. */
  stop(): void {
    this.#streams.clear();
    this.#requesting.clear();
    this.#stop();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Ends the connections, which come back after {@link mend}. */
  cut(): void {
    this.#isCut = true;
    this.#isConnected = false;
    for (const socket of this.#sockets.splice(0)) {
      socket.terminate();
    }
  }

  mend(): void {
    this.#isCut = false;
    this.deps.connect().reconnect();
  }

  #watch(socket: WebSocket): void {
    let rest = '';
    socket.on('message', (data) => {
      // By the WebSocket's binaryType
      const text = rest + Buffer.from(data as ArrayBuffer).toString('latin1');
      let end = 0;
      for (const { 0: all, 1: topic, 2: n, index } of text.matchAll(MESSAGE)) {
        const name = nameOf(topic, Number(n));
        this.#received.set(name, (this.#received.get(name) ?? 0) + 1);
        end = index + all.length;
      }
      rest = text.slice(Math.max(end, text.length - LONGEST));
    });
  }

  /** The port of the engine, which also tells this page what goes through it. */
  #watched(port: EnginePort): EnginePort {
    const watched: EnginePort = {
      onmessage: null,
      postMessage: (message, transfer) => {
        this.#notePosted(message);
        port.postMessage(message, transfer);
      },
    };
    port.onmessage = (event) => {
      const message: ToEngine = event.data;
      if (message.type === 'open') {
        this.#streams.set(message.stream, false);
      } else if (message.type === 'close') {
        this.#streams.delete(message.stream);
        this.#requesting.delete(message.stream);
      } else if (message.type === 'past') {
        this.#requesting.add(message.stream);
      }
      watched.onmessage?.(event);
    };
    this.#stop = () => watched.onmessage?.({ data: { type: 'stop' } });
    return watched;
  }

  #notePosted(message: FromEngine): void {
    if (message.type === 'status') {
      this.#isConnected = message.status.state === 'connected';
      if (!this.#isConnected) {
        for (const stream of this.#streams.keys()) {
          this.#streams.set(stream, false);
        }
      }
    } else if (message.type === 'subscribed' && this.#streams.has(message.stream)) {
      this.#streams.set(message.stream, message.granted);
    } else if (message.type === 'past') {
      for (const stream of message.streams.filter((each) => this.#streams.has(each))) {
        if (message.status.state === 'requesting') {
          this.#requesting.add(stream);
        } else {
          this.#requesting.delete(stream);
        }
      }
    } else if (message.type === 'stopped') {
      this.#isStopped = true;
    }
  }
}
