import type {
  ConnectionError,
  ConnectionOptions,
  ConnectionStatus,
  FromEngine,
  Nearest,
  StorageStatus,
  StreamSpec,
} from '../engine';
import type { Gap } from '../frames';
import type { BrokerVersions, EngineVersion } from './broker-versions';
import { CredentialExchange } from './credential-exchange';
import { FlowControl } from './flow-control';
import { GapTracker } from './gap-tracker';
import { Arrivals } from './arrivals';
import { ListenerSet } from './listener-set';
import { launchError, type LaunchedEngine, stopEngine } from './launch';
import { limitMemory } from './memory';
import type { PageServices } from './page-services';
import type { Recording } from './recording';
import { SharedStream } from './shared-stream';
import { TaskScheduler } from './task-scheduler';
import { StatusEnricher } from './status-enricher';

export interface ConnectionClientDeps {
  /** Rejects if the engine's file cannot be loaded. */
  launch(): Promise<LaunchedEngine>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The page's scheduler, which all its connections share. Default: a new one. */
  readonly scheduler?: TaskScheduler;
  /** Remembers which brokers want MQTT 3.1.1. Without it, each connection tries MQTT 5 first. */
  readonly versions?: BrokerVersions;
  /** See `claimTabId`. Without it, nothing is stored over a reload. */
  tabId?(): Promise<string>;
}

/** After so many milliseconds, an engine whose file could not be loaded is launched again. */
const RELAUNCH_MS = 5_000;

/** How often the memory of all rows is summed, in milliseconds. */
const MEMORY_CHECK_MS = 1_000;

/** The page's end of one connection: starts its engine, shares its streams, and closes what nobody uses any longer. */
export class ConnectionClient {
  readonly #deps: ConnectionClientDeps;
  readonly #onIdle: () => void;
  readonly #byKey = new Map<string, SharedStream>();
  readonly #byId = new Map<number, SharedStream>();
  /** Open requests for nearest topics. */
  readonly #requests = new Map<number, (nearest: readonly Nearest[]) => void>();
  readonly #statusChanges = new ListenerSet();
  #engine: LaunchedEngine | undefined;
  #nextId = 1;
  #uses = 0;
  #closed = false;
  #memoryCheck: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #version: EngineVersion | undefined;
  #relaunch: ReturnType<typeof setTimeout> | undefined;
  readonly #credentials = new CredentialExchange(() => this.services.credentials);
  readonly #statuses = new StatusEnricher(
    (error) => this.#enrich(error),
    (status) => this.#setStatus(status)
  );
  readonly #gaps = new GapTracker();
  #recording: Recording | undefined;
  readonly flowControl = new FlowControl(() => this.#engine?.port.postMessage({ type: 'ack' }));
  readonly scheduler: TaskScheduler;
  status: ConnectionStatus;
  /** Milliseconds that a stream, and then the connection, outlive their last reader. */
  lingerMs = 0;
  /** Maximum memory of all rows of this connection, in bytes. */
  memoryBytes = Infinity;
  readonly arrivals = new Arrivals();
  /** How it went with storing messages over a reload of the page. */
  storage: StorageStatus = { state: 'off' };
  /** The services of the data source instance that used the connection last. */
  services: PageServices;

  /** @param onIdle called when the connection has closed because nobody used it. */
  constructor(
    readonly options: ConnectionOptions,
    deps: ConnectionClientDeps,
    onIdle: () => void,
    services: PageServices = {}
  ) {
    this.#deps = deps;
    this.scheduler = deps.scheduler ?? new TaskScheduler();
    this.services = services;
    this.#onIdle = onIdle;
    this.status = { state: 'connecting', since: deps.now() };
    void this.#start();
  }

  /** The thread that the engine runs in, once it does. */
  get engine(): Pick<LaunchedEngine, 'runsIn' | 'reason'> | undefined {
    return this.#engine;
  }

  /** Calls back whenever {@link status} has changed. @returns unsubscribes. */
  readonly onStatus = this.#statusChanges.subscribe;

  /**
   * Tries to connect now: the network came back, or the page is visible again.
   *
   * @param force replaces an established connection too: other credentials were entered, or settings were saved.
   */
  reconnect({ force = false } = {}): void {
    if (this.#engine !== undefined) {
      this.#engine.port.postMessage({ type: 'reconnect', force });
    } else if (this.#relaunch !== undefined) {
      clearTimeout(this.#relaunch);
      void this.#start();
    }
  }

  /** Says what of the messages the engine stores; may be called again with other limits. */
  record(recording: Recording | undefined): void {
    if (JSON.stringify(recording) !== JSON.stringify(this.#recording)) {
      this.#recording = recording;
      void (recording?.storage && this.#deps.tabId?.()); // takes a moment, as the engine does
      void this.#sendRecording(this.#engine);
    }
  }

  /** The page is hidden or about to go: what is stored with a delay is stored now. */
  flush(): void {
    this.#engine?.port.postMessage({ type: 'flush' });
  }

  /**
   * A panel shows this span of a stream: what a historian knows of it is asked for, where one is set. Until the stream has
   * it, and what the tab has stored, the stream's `past` is `requesting`.
   *
   * @param span in milliseconds since 1970; `to` is Infinity where the panel follows the clock.
   */
  requestPast(stream: SharedStream, span: Gap): void {
    if (this.#recording === undefined || this.#recording.bytes === 0) {
      return;
    }
    stream.past = { state: 'requesting' };
    if (this.#engine === undefined) {
      stream.spans.push(span); // see #start
    } else {
      this.#engine.port.postMessage({ type: 'past', stream: stream.id, ...span });
    }
  }

  /** Keeps the connection open without a stream. @returns releases the connection. */
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

  /** Finds the topics that are nearest to each filter. Without an engine there are none. */
  nearest(filters: readonly string[], topics: readonly string[]): Promise<readonly Nearest[]> {
    if (this.#engine === undefined) {
      return Promise.resolve([]);
    }
    const request = this.#nextId++;
    this.#engine.port.postMessage({ type: 'nearest', request, filters, topics });
    return new Promise((resolve) => {
      this.#requests.set(request, resolve);
    });
  }

  /** Opens a stream, or shares the open one with the same specification. Each call needs one call of {@link leave}. */
  join(spec: StreamSpec): SharedStream {
    const key = JSON.stringify({ ...spec, filters: spec.filters.toSorted() });
    let stream = this.#byKey.get(key);
    if (stream === undefined) {
      const id = this.#nextId++;
      stream = new SharedStream(id, key, spec, (ms) =>
        this.#engine?.port.postMessage({ type: 'tick', stream: id, ms })
      );
      this.#byKey.set(key, stream);
      this.#byId.set(stream.id, stream);
      this.#uses++;
      clearTimeout(this.#idle);
      for (const gap of this.#gaps.all) {
        stream.addGap(gap);
      }
      this.#engine?.port.postMessage({ type: 'open', stream: stream.id, spec });
    }
    clearTimeout(stream.linger);
    stream.addReader();
    return stream;
  }

  /**
   * Ends one reader's use of a stream, which closes after the linger.
   *
   * @param atLeastMs the linger is at least so many milliseconds.
   * @param atMostMs the linger is at most so many milliseconds.
   */
  leave(stream: SharedStream, atLeastMs = 0, atMostMs = Infinity): void {
    stream.removeReader();
    if (stream.readers === 0) {
      stream.linger = setTimeout(() => this.#end(stream), Math.min(Math.max(this.lingerMs, atLeastMs), atMostMs));
    }
  }

  #end(stream: SharedStream): void {
    this.#byKey.delete(stream.key);
    this.#byId.delete(stream.id);
    this.#engine?.port.postMessage({ type: 'close', stream: stream.id });
    this.#release();
  }

  #release(): void {
    this.#uses--;
    if (this.#uses === 0) {
      // Not at once: the next line of code often uses the connection again.
      this.#idle = setTimeout(() => this.#close(), 0);
    }
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#relaunch);
    clearTimeout(this.#memoryCheck);
    this.#statuses.stop();
    this.#onIdle();
    const engine = this.#engine;
    if (engine !== undefined) {
      stopEngine(engine);
    }
  }

  /** Never rejects: a failure becomes the status. */
  async #start(): Promise<void> {
    let engine: LaunchedEngine;
    this.#relaunch = undefined;
    try {
      engine = await this.#deps.launch();
    } catch (error) {
      this.#statuses.push({ state: 'connecting', since: this.status.since, error: launchError(error) });
      this.#relaunch = setTimeout(() => void this.#start(), RELAUNCH_MS);
      return;
    }
    await this.#sendRecording(engine);
    if (this.#closed) {
      engine.terminate();
      return;
    }
    this.#engine = engine;
    engine.port.onmessage = ({ data }) => this.#receive(data);
    this.#version = this.#deps.versions?.begin(this.options);
    engine.port.postMessage({ type: 'connect', options: this.options, older: this.#version?.older === true });
    for (const stream of this.#byId.values()) {
      engine.port.postMessage({ type: 'open', stream: stream.id, spec: stream.spec });
      for (const span of stream.spans) {
        engine.port.postMessage({ type: 'past', stream: stream.id, ...span });
      }
    }
  }

  async #sendRecording(engine: LaunchedEngine | undefined): Promise<void> {
    if (engine !== undefined && this.#recording !== undefined) {
      const { storage, ...memory } = this.#recording;
      const tab = storage === undefined ? undefined : await this.#deps.tabId?.();
      const options = { ...memory, ...(storage && tab !== undefined ? { storage: { ...storage, tab } } : undefined) };
      engine.port.postMessage({ type: 'record', options });
    }
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'status':
        this.#version?.learn(message.status);
        this.#noteGap(message.status, message.stored ?? []);
        this.#statuses.push(message.status);
        break;
      case 'credentials':
        void this.#credentials.respond(message.attempt).then((response) => this.#engine?.port.postMessage(response));
        break;
      case 'subscribed': {
        const stream = this.#byId.get(message.stream);
        if (stream !== undefined) {
          stream.subscribed(message, this.#deps.now());
        }
        break;
      }
      case 'storage':
        this.storage = message.status;
        break;
      case 'past':
        for (const id of message.streams) {
          this.#byId.get(id)?.setPast(message.status, message.replaying.includes(id));
        }
        break;
      case 'arrivals':
        this.arrivals.add(message.arrivals);
        break;
      case 'filled':
        this.#gaps.remove(message);
        for (const stream of this.#byId.values()) {
          stream.removeGap(message);
        }
        break;
      case 'gap':
        this.#addGap({ from: message.from, to: message.to }, message.stored);
        break;
      case 'nearest':
        this.#requests.get(message.request)?.(message.nearest);
        this.#requests.delete(message.request);
        break;
      case 'batch':
        for (const batch of message.streams) {
          this.#byId.get(batch.stream)?.append(batch);
        }
        this.#limitMemory();
        // After the responses that the batch leads to: the engine counts from here to the next batch.
        this.scheduler.add(() => this.flowControl.ack());
        break;
      case 'ready':
      case 'violation':
      case 'stopped':
        break;
    }
  }

  /** Messages of the time without a connection are lost, except those that the broker stored for the session. */
  #noteGap(status: ConnectionStatus, stored: readonly number[]): void {
    const gap = this.#gaps.update(status);
    if (gap !== undefined) {
      this.#addGap(gap, stored);
    }
  }

  /** @param stored the streams that miss nothing. */
  #addGap(gap: Gap, stored: readonly number[]): void {
    for (const stream of this.#byId.values()) {
      if (!stored.includes(stream.id)) {
        stream.addGap(gap);
      }
    }
    this.#gaps.add(gap);
  }

  /** Soon after rows have arrived, and not at every batch: summing hundreds of series takes time. */
  #limitMemory(): void {
    this.#memoryCheck ??= setTimeout(() => {
      this.#memoryCheck = undefined;
      limitMemory(this.memoryBytes, [...this.#byId.values()]);
    }, MEMORY_CHECK_MS);
  }

  #enrich(error: ConnectionError): ConnectionError | Promise<ConnectionError> {
    return this.#credentials.refused(error) ?? this.services.diagnose?.(error) ?? error;
  }

  #setStatus(status: ConnectionStatus): void {
    this.status = status;
    this.#statusChanges.notify();
    for (const stream of this.#byId.values()) {
      stream.changed();
    }
  }
}
