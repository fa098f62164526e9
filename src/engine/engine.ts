import { FilterTrie } from '../topics';
import { Connection, type ConnectionDeps } from './connection';
import type { EnginePort, StreamRefusal, StreamSpec, ToEngine } from './protocol';
import { Stream } from './stream';

/** The shortest time between two batches, in milliseconds. A message after a quiet while is sent on at once. */
export const BATCH_MS = 100;

/** Topics whose streams are remembered, so that a topic is matched against the filters once. */
const MAX_ROUTES = 50_000;

interface Filter {
  /** Highest QoS asked for wins. */
  readonly qos: Map<Stream, 0 | 1 | 2>;
  /** The broker's answer, once it came: `undefined` for granted. */
  answer?: { refusal: string | undefined };
}

/**
 * The side of the message port that speaks MQTT: one connection, its streams, and a batch of rows every tick.
 * Nothing of Grafana's and nothing of the page's is in here, so that it runs in a Worker.
 */
export function startEngine(port: EnginePort, deps: ConnectionDeps): void {
  const engine = new Engine(port, deps);
  port.onmessage = ({ data }) => engine.handle(data);
  port.postMessage({ type: 'ready' });
}

class Engine {
  readonly #port: EnginePort;
  readonly #deps: ConnectionDeps;
  readonly #streams = new Map<number, Stream>();
  readonly #filters = new Map<string, Filter>();
  readonly #trie = new FilterTrie<Stream>();
  readonly #routes = new Map<string, ReadonlySet<Stream>>();
  readonly #dirty = new Set<Stream>();
  #connection: Connection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastBatch = -Infinity;
  #untaken = false;
  #lastTime = 0;

  constructor(port: EnginePort, deps: ConnectionDeps) {
    this.#port = port;
    this.#deps = deps;
  }

  handle(message: ToEngine): void {
    switch (message.type) {
      case 'connect':
        this.#connection = new Connection(
          message.options,
          {
            onStatus: (status) => this.#port.postMessage({ type: 'status', status }),
            onMessage: (topic, payload, retained) => this.#receive(topic, payload, retained),
            onSubscribed: (filter, refusal) => this.#answered(filter, refusal),
          },
          this.#deps
        );
        break;
      case 'open':
        this.#open(message.stream, message.spec);
        break;
      case 'close':
        this.#close(message.stream);
        break;
      case 'taken':
        this.#untaken = false;
        this.#schedule();
        break;
      case 'stop':
        clearTimeout(this.#timer);
        this.#connection?.stop(() => this.#port.postMessage({ type: 'stopped' }));
        break;
    }
  }

  #open(id: number, spec: StreamSpec): void {
    const stream = new Stream(id, spec);
    this.#streams.set(id, stream);
    this.#routes.clear();
    for (const name of spec.filters) {
      let filter = this.#filters.get(name);
      if (filter === undefined) {
        filter = { qos: new Map() };
        this.#filters.set(name, filter);
      }
      filter.qos.set(stream, spec.qos);
      this.#trie.add(name, stream);
      // Also when it is subscribed to already: this stream needs the retained messages.
      this.#connection?.subscribe(name, highest(filter));
    }
  }

  #close(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      return;
    }
    this.#streams.delete(id);
    this.#dirty.delete(stream);
    this.#routes.clear();
    for (const name of stream.spec.filters) {
      const filter = this.#filters.get(name);
      filter?.qos.delete(stream);
      this.#trie.delete(name, stream);
      if (filter?.qos.size === 0) {
        this.#filters.delete(name);
        this.#connection?.unsubscribe(name);
      }
    }
  }

  #receive(topic: string, payload: Uint8Array, retained: boolean): void {
    // A clock that is set back must not make rows run backwards.
    const time = Math.max(this.#lastTime, this.#deps.now());
    this.#lastTime = time;
    let streams: ReadonlySet<Stream> | undefined = this.#routes.get(topic);
    if (streams === undefined) {
      streams = this.#trie.match(topic);
      if (this.#routes.size >= MAX_ROUTES) {
        this.#routes.clear();
      }
      this.#routes.set(topic, streams);
    }
    for (const stream of streams) {
      stream.add(time, topic, payload, retained, this.#connection?.epoch ?? 0);
      this.#dirty.add(stream);
    }
    if (this.#timer === undefined) {
      this.#schedule();
    }
  }

  #schedule(): void {
    // The page takes one batch at a time: one that does not keep up gets fewer and larger ones.
    if (this.#dirty.size === 0 || this.#untaken || this.#timer !== undefined) {
      return;
    }
    const wait = this.#lastBatch + BATCH_MS - performance.now();
    // Not at once even after a quiet while: what the same chunk of the socket brings belongs to the same batch.
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, wait));
  }

  #flush(): void {
    this.#timer = undefined;
    this.#lastBatch = performance.now();
    const streams = [...this.#dirty].map((stream) => stream.take()).filter((batch) => batch !== undefined);
    this.#dirty.clear();
    if (streams.length === 0) {
      return;
    }
    const buffers = new Set<ArrayBuffer>();
    for (const { chunks } of streams) {
      for (const chunk of chunks) {
        buffers.add(chunk.time.buffer as ArrayBuffer);
        for (const { numbers } of chunk.columns) {
          if (numbers !== undefined) {
            buffers.add(numbers.buffer as ArrayBuffer);
          }
        }
      }
    }
    this.#untaken = true;
    this.#port.postMessage({ type: 'batch', streams }, [...buffers]);
  }

  #answered(name: string, refusal: string | undefined): void {
    const filter = this.#filters.get(name);
    if (filter === undefined) {
      return;
    }
    filter.answer = { refusal };
    for (const stream of filter.qos.keys()) {
      const answers = stream.spec.filters.map((each) => [each, this.#filters.get(each)?.answer] as const);
      const refused = answers.flatMap(([each, answer]): StreamRefusal[] =>
        answer?.refusal === undefined ? [] : [{ filter: each, reason: answer.refusal }]
      );
      const granted = answers.every(([, answer]) => answer !== undefined && answer.refusal === undefined);
      this.#port.postMessage({ type: 'subscribed', stream: stream.id, granted, refused });
    }
  }
}

function highest(filter: Filter): 0 | 1 | 2 {
  return Math.max(...filter.qos.values()) as 0 | 1 | 2;
}
