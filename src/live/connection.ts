import type { ConnectionOptions, ConnectionStatus, FromEngine, PagePort, StreamSpec } from '../engine';
import { keepWithin } from './memory';
import { LiveStream } from './stream';

/** An engine that has been started, wherever it runs. */
export interface LaunchedEngine {
  readonly port: PagePort;
  /** `page`: a Worker could not be had; `reason` says why. */
  readonly runsIn: 'worker' | 'page';
  readonly reason?: string;
  /** Ends the thread; the engine has been told to stop before. */
  terminate(): void;
}

export interface LiveConnectionDeps {
  launch(): Promise<LaunchedEngine>;
  now(): number;
}

/** How long until the engine is asked for again when its file could not be loaded, in milliseconds. */
const RELAUNCH_MS = 5_000;

/** How often the memory of all rows is added up, in milliseconds. */
const MEMORY_CHECK_MS = 1_000;

/** How long the engine has to say goodbye to the broker before its thread is ended, in milliseconds. */
const GOODBYE_MS = 1_000;

/** The page's end of one connection: starts its engine, shares its streams, and ends what nobody uses any longer. */
export class LiveConnection {
  readonly #deps: LiveConnectionDeps;
  readonly #onIdle: () => void;
  readonly #byKey = new Map<string, LiveStream>();
  readonly #byId = new Map<number, LiveStream>();
  readonly #statusListeners = new Set<() => void>();
  #engine: LaunchedEngine | undefined;
  #nextId = 1;
  #uses = 0;
  #closed = false;
  #memoryCheck: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #relaunch: ReturnType<typeof setTimeout> | undefined;
  status: ConnectionStatus;
  /** Milliseconds that a stream, and then the connection, outlive their last reader. */
  lingerMs = 0;
  /** What all rows of this connection may take in memory, in bytes. */
  memoryBytes = Infinity;

  /** @param onIdle nobody uses it and it has closed: forget it. */
  constructor(
    readonly options: ConnectionOptions,
    deps: LiveConnectionDeps,
    onIdle: () => void
  ) {
    this.#deps = deps;
    this.#onIdle = onIdle;
    this.status = { state: 'connecting', since: deps.now() };
    void this.#start();
  }

  /** Where the engine runs, once it does. */
  get engine(): Pick<LaunchedEngine, 'runsIn' | 'reason'> | undefined {
    return this.#engine;
  }

  onStatus(listener: () => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Keeps the connection open without a stream. @returns what ends that. */
  hold(): () => void {
    this.#uses++;
    clearTimeout(this.#idle);
    let held = true;
    return () => {
      if (held) {
        held = false;
        this.#release();
      }
    };
  }

  /** A stream for reading, shared with all who ask for the same. Each call is paid back with one of `leave`. */
  join(spec: StreamSpec): LiveStream {
    const key = JSON.stringify({ ...spec, filters: spec.filters.toSorted() });
    let stream = this.#byKey.get(key);
    if (stream === undefined) {
      stream = new LiveStream(this.#nextId++, key, spec);
      this.#byKey.set(key, stream);
      this.#byId.set(stream.id, stream);
      this.#uses++;
      clearTimeout(this.#idle);
      this.#engine?.port.postMessage({ type: 'open', stream: stream.id, spec });
    }
    clearTimeout(stream.linger);
    stream.readers++;
    return stream;
  }

  /** @param atLeastMs linger at least this long. */
  leave(stream: LiveStream, atLeastMs = 0): void {
    stream.readers--;
    if (stream.readers === 0) {
      stream.linger = setTimeout(() => this.#end(stream), Math.max(this.lingerMs, atLeastMs));
    }
  }

  #end(stream: LiveStream): void {
    this.#byKey.delete(stream.key);
    this.#byId.delete(stream.id);
    this.#engine?.port.postMessage({ type: 'close', stream: stream.id });
    this.#release();
  }

  #release(): void {
    this.#uses--;
    if (this.#uses === 0) {
      // At once would be too soon: what was just released is often asked for again by the next line of code.
      this.#idle = setTimeout(() => this.#close(), 0);
    }
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#relaunch);
    clearTimeout(this.#memoryCheck);
    this.#onIdle();
    const engine = this.#engine;
    if (engine !== undefined) {
      this.#stop(engine);
    }
  }

  #stop(engine: LaunchedEngine): void {
    const late = setTimeout(() => engine.terminate(), GOODBYE_MS);
    engine.port.onmessage = ({ data }) => {
      if (data.type === 'stopped') {
        clearTimeout(late);
        engine.terminate();
      }
    };
    engine.port.postMessage({ type: 'stop' });
  }

  /** Never rejects: what goes wrong is the status. */
  async #start(): Promise<void> {
    let engine: LaunchedEngine;
    try {
      engine = await this.#deps.launch();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The MQTT engine of this plugin (engine.js) could not be loaded: ${reason} Trying again.`;
      this.#setStatus({ state: 'connecting', since: this.status.since, fault: { code: 'engine', message } });
      this.#relaunch = setTimeout(() => void this.#start(), RELAUNCH_MS);
      return;
    }
    if (this.#closed) {
      engine.terminate();
      return;
    }
    this.#engine = engine;
    engine.port.onmessage = ({ data }) => this.#receive(data);
    engine.port.postMessage({ type: 'connect', options: this.options });
    for (const stream of this.#byId.values()) {
      engine.port.postMessage({ type: 'open', stream: stream.id, spec: stream.spec });
    }
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'status':
        this.#setStatus(message.status);
        break;
      case 'subscribed': {
        const stream = this.#byId.get(message.stream);
        if (stream !== undefined) {
          stream.granted = message.granted;
          stream.refused = message.refused;
          stream.grantedAt = message.granted ? this.#deps.now() : undefined;
          stream.changed();
        }
        break;
      }
      case 'batch':
        for (const batch of message.streams) {
          this.#byId.get(batch.stream)?.append(batch);
        }
        this.#keepWithinMemory();
        this.#engine?.port.postMessage({ type: 'taken' });
        break;
      case 'ready':
      case 'stopped':
        break;
    }
  }

  /** Soon after rows have come, and not at every batch: adding up hundreds of series takes its time. */
  #keepWithinMemory(): void {
    this.#memoryCheck ??= setTimeout(() => {
      this.#memoryCheck = undefined;
      keepWithin(this.memoryBytes, [...this.#byId.values()]);
    }, MEMORY_CHECK_MS);
  }

  #setStatus(status: ConnectionStatus): void {
    this.status = status;
    for (const listener of this.#statusListeners) {
      listener();
    }
    for (const stream of this.#byId.values()) {
      stream.changed();
    }
  }
}
