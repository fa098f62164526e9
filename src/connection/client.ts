import type {
  ConnectionError,
  ConnectionOptions,
  ConnectionStatus,
  Credentials,
  FromEngine,
  Nearest,
  PagePort,
  StreamSpec,
} from '../engine';
import type { BrokerVersions } from './broker-versions';
import { ListenerSet } from './listener-set';
import { keepWithin } from './memory';
import { SharedStream } from './shared-stream';
import { Scheduler } from './scheduler';

/** An engine that has been started, wherever it runs. */
export interface LaunchedEngine {
  readonly port: PagePort;
  /** `page`: a Worker could not be had; `reason` says why. */
  readonly runsIn: 'worker' | 'page';
  readonly reason?: string;
  /** Ends the thread; the engine has been told to stop before. */
  terminate(): void;
}

export interface ConnectionClientDeps {
  launch(): Promise<LaunchedEngine>;
  now(): number;
  /** Those of the page, which its connections share. Default: some of its own. */
  readonly turns?: Scheduler;
  /** Which brokers want MQTT 3.1.1. Without it, each connection finds out anew. */
  readonly versions?: BrokerVersions;
}

/** What only the page can do for a connection; neither is to reject. */
export interface ConnectionHooks {
  /** What the next attempt is to be made with, or why it cannot be. `retry`: ask again later, by itself. */
  credentials?(): Promise<Credentials | { readonly fault: ConnectionError; readonly retry: boolean }>;
  /** Makes a fault say what the page knows beside what the engine saw. */
  explain?(fault: ConnectionError): Promise<ConnectionError>;
}

/** How long an explanation may take before the fault is shown without it, in milliseconds. */
const EXPLAIN_MS = 5_000;

/** How long until the engine is asked for again when its file could not be loaded, in milliseconds. */
const RELAUNCH_MS = 5_000;

/** How often the memory of all rows is added up, in milliseconds. */
const MEMORY_CHECK_MS = 1_000;

/** How long the engine has to say goodbye to the broker before its thread is ended, in milliseconds. */
const GOODBYE_MS = 1_000;

/** The page's end of one connection: starts its engine, shares its streams, and ends what nobody uses any longer. */
export class ConnectionClient {
  readonly #deps: ConnectionClientDeps;
  readonly #onIdle: () => void;
  readonly #byKey = new Map<string, SharedStream>();
  readonly #byId = new Map<number, SharedStream>();
  /** Questions about topics that the engine has not answered yet. */
  readonly #questions = new Map<number, (nearest: readonly Nearest[]) => void>();
  readonly #statusChanges = new ListenerSet();
  #engine: LaunchedEngine | undefined;
  /** When the connection was lost that was there before, by the engine's clock. */
  #lostAt: number | undefined;
  /** Counts statuses, to tell an explanation that has been overtaken. */
  #statuses = 0;
  #nextId = 1;
  #uses = 0;
  #closed = false;
  #memoryCheck: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #relaunch: ReturnType<typeof setTimeout> | undefined;
  #explaining: ReturnType<typeof setTimeout> | undefined;
  /** See {@link busyUntil}. */
  #busyUntil = 0;
  readonly turns: Scheduler;
  status: ConnectionStatus;
  /** Milliseconds that a stream, and then the connection, outlive their last reader. */
  lingerMs = 0;
  /** What all rows of this connection may take in memory, in bytes. */
  memoryBytes = Infinity;
  hooks: ConnectionHooks;
  /** Those that gave the credentials of the last attempt, and so know what was refused. */
  #answeredBy: ConnectionHooks | undefined;

  /** @param onIdle nobody uses it and it has closed: forget it. */
  constructor(
    readonly options: ConnectionOptions,
    deps: ConnectionClientDeps,
    onIdle: () => void,
    hooks: ConnectionHooks = {}
  ) {
    this.#deps = deps;
    this.turns = deps.turns ?? new Scheduler();
    this.hooks = hooks;
    this.#onIdle = onIdle;
    this.status = { state: 'connecting', since: deps.now() };
    void this.#start();
  }

  /** Where the engine runs, once it does. */
  get engine(): Pick<LaunchedEngine, 'runsIn' | 'reason'> | undefined {
    return this.#engine;
  }

  /** Calls back whenever {@link status} has changed. @returns unsubscribes. */
  readonly onStatus = this.#statusChanges.subscribe;

  /**
   * Tries to connect now: the network came back, the page is looked at again.
   *
   * @param anew a connection that stands is given up for another: other credentials were entered, or settings saved.
   */
  retry(anew = false): void {
    if (this.#engine !== undefined) {
      this.#engine.port.postMessage({ type: 'retry', anew });
    } else if (this.#relaunch !== undefined) {
      clearTimeout(this.#relaunch);
      void this.#start();
    }
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

  /** Which of these topics are near these filters; without an engine, none. */
  nearest(filters: readonly string[], topics: readonly string[]): Promise<readonly Nearest[]> {
    const question = this.#nextId++;
    this.#engine?.port.postMessage({ type: 'nearest', question, filters, topics });
    return new Promise((resolve) => {
      this.#questions.set(question, resolve);
    });
  }

  /** A stream for reading, shared with all who ask for the same. Each call is paid back with one of `leave`. */
  join(spec: StreamSpec): SharedStream {
    const key = JSON.stringify({ ...spec, filters: spec.filters.toSorted() });
    let stream = this.#byKey.get(key);
    if (stream === undefined) {
      stream = new SharedStream(this.#nextId++, key, spec);
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

  /** @param atLeastMs linger at least this long. @param atMostMs and no longer than this. */
  leave(stream: SharedStream, atLeastMs = 0, atMostMs = Infinity): void {
    stream.readers--;
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
      // At once would be too soon: what was just released is often asked for again by the next line of code.
      this.#idle = setTimeout(() => this.#close(), 0);
    }
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#relaunch);
    clearTimeout(this.#memoryCheck);
    clearTimeout(this.#explaining);
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
    this.#relaunch = undefined;
    try {
      engine = await this.#deps.launch();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The MQTT engine of this plugin (engine.js) could not be loaded. Reload the page: ${reason}`;
      this.#explain({ state: 'connecting', since: this.status.since, fault: { code: 'engine', message } });
      this.#relaunch = setTimeout(() => void this.#start(), RELAUNCH_MS);
      return;
    }
    if (this.#closed) {
      engine.terminate();
      return;
    }
    this.#engine = engine;
    engine.port.onmessage = ({ data }) => this.#receive(data);
    const older = this.#deps.versions?.wantsOlder(this.options.url) === true;
    engine.port.postMessage({ type: 'connect', options: this.options, older });
    for (const stream of this.#byId.values()) {
      engine.port.postMessage({ type: 'open', stream: stream.id, spec: stream.spec });
    }
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'status':
        if (this.options.protocolVersion === 'auto') {
          this.#deps.versions?.learn(this.options.url, message.status);
        }
        this.#noteGap(message.status, message.stored ?? []);
        this.#explain(message.status);
        break;
      case 'credentials':
        void this.#answerCredentials(message.attempt);
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
      case 'nearest':
        this.#questions.get(message.question)?.(message.nearest);
        this.#questions.delete(message.question);
        break;
      case 'batch':
        for (const batch of message.streams) {
          this.#byId.get(batch.stream)?.append(batch);
        }
        this.#keepWithinMemory();
        // Behind the packets that the batch leads to: the engine counts from here to the next one.
        this.turns.add(() => this.#taken());
        break;
      case 'ready':
      case 'violation':
      case 'stopped':
        break;
    }
  }

  /**
   * A panel cannot show before that time, of the page's own clock, what the last batch brought. The batch counts as
   * taken only then, so that the next one comes when it can be shown at once.
   */
  busyUntil(time: number): void {
    this.#busyUntil = Math.max(this.#busyUntil, time);
  }

  #taken(): void {
    const wait = this.#busyUntil - performance.now();
    if (wait > 0) {
      setTimeout(() => this.#engine?.port.postMessage({ type: 'taken' }), wait);
    } else {
      this.#engine?.port.postMessage({ type: 'taken' });
    }
  }

  /** What comes while the connection is away is lost, but for what the broker stores for a session that it keeps. */
  #noteGap(status: ConnectionStatus, stored: readonly number[]): void {
    if (status.state !== 'connected') {
      this.#lostAt = status.state === 'connecting' ? undefined : status.since;
    } else if (this.#lostAt !== undefined) {
      for (const stream of this.#byId.values()) {
        if (!stored.includes(stream.id)) {
          stream.missed({ from: this.#lostAt, to: status.since });
        }
      }
      this.#lostAt = undefined;
    }
  }

  /** Soon after rows have come, and not at every batch: adding up hundreds of series takes its time. */
  #keepWithinMemory(): void {
    this.#memoryCheck ??= setTimeout(() => {
      this.#memoryCheck = undefined;
      keepWithin(this.memoryBytes, [...this.#byId.values()]);
    }, MEMORY_CHECK_MS);
  }

  /** Never rejects: no answer would let the engine wait in vain. */
  async #answerCredentials(attempt: number): Promise<void> {
    let answer: Awaited<ReturnType<NonNullable<ConnectionHooks['credentials']>>>;
    try {
      this.#answeredBy = this.hooks;
      answer = (await this.#answeredBy.credentials?.()) ?? {};
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The credentials to connect with could not be had. Reload the page: ${reason}`;
      answer = { fault: { code: 'credentials', message }, retry: true };
    }
    this.#engine?.port.postMessage(
      'fault' in answer
        ? { type: 'no-credentials', attempt, fault: answer.fault, retry: answer.retry }
        : { type: 'credentials', attempt, credentials: answer }
    );
  }

  /** Sets a status, and where it has a fault, after the page has had its say; unless another comes meanwhile. */
  #explain(status: ConnectionStatus): void {
    const own = ++this.#statuses;
    const hooks = this.#answeredBy ?? this.hooks;
    if (hooks.explain === undefined || !('fault' in status) || status.fault === undefined) {
      this.#setStatus(status);
      return;
    }
    const show = (fault: ConnectionError): void => {
      if (own === this.#statuses && !this.#closed) {
        clearTimeout(this.#explaining);
        this.#setStatus({ ...status, fault });
      }
    };
    const { fault } = status;
    clearTimeout(this.#explaining);
    this.#explaining = setTimeout(() => show(fault), EXPLAIN_MS);
    hooks.explain(fault).then(show, () => show(fault));
  }

  #setStatus(status: ConnectionStatus): void {
    this.status = status;
    this.#statusChanges.notify();
    for (const stream of this.#byId.values()) {
      stream.changed();
    }
  }
}
