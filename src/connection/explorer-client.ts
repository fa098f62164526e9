import type { ConnectionError, ConnectionOptions, ConnectionStatus, FromEngine, ToEngine } from '../engine';
import type {
  Completion,
  ExplorerSpec,
  MessageQuery,
  MessageView,
  TopicQuery,
  TopicView,
} from '../engine/explorer-protocol';
import type { BrokerVersions, EngineVersion } from './broker-versions';
import type { PageServices } from './page-services';
import { CredentialExchange } from './credential-exchange';
import { launchError, type LaunchedEngine, stopEngine } from './launch';
import { ListenerSet } from './listener-set';
import { StatusEnricher } from './status-enricher';

export interface ExplorerClientDeps {
  /** Rejects if the engine's file cannot be loaded. */
  launch(): Promise<LaunchedEngine>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** See `ConnectionClientDeps`. */
  readonly versions?: BrokerVersions;
}

/**
 * The page's end of an explorer: looks at the topics of a broker in an engine and an MQTT session of its own, so that
 * panels neither wait for it nor get its messages.
 */
export class ExplorerClient {
  readonly #options: ConnectionOptions;
  readonly #deps: ExplorerClientDeps;
  readonly #services: PageServices;
  readonly #spec: ExplorerSpec;
  readonly #changes = new ListenerSet();
  readonly #credentials: CredentialExchange;
  readonly #statuses: StatusEnricher;
  readonly #requests = new Map<number, (completions: readonly Completion[]) => void>();
  readonly #exports = new Map<number, (text: string) => void>();
  /** Messages from before the engine has started. */
  readonly #waiting: ToEngine[] = [];
  #nextRequest = 1;
  #engine: LaunchedEngine | undefined;
  #version: EngineVersion | undefined;
  /** Counts calls of {@link open}, so that an engine that starts late is recognized. */
  #session = 0;
  status: ConnectionStatus;
  /** The shown part of the tree; undefined before the first response. */
  view: TopicView | undefined;
  /** The last messages, if the explorer shows messages; undefined before the first response. */
  messages: MessageView | undefined;

  constructor(options: ConnectionOptions, spec: ExplorerSpec, deps: ExplorerClientDeps, services: PageServices = {}) {
    this.#options = options;
    this.#spec = spec;
    this.#deps = deps;
    this.#services = services;
    this.#credentials = new CredentialExchange(() => services.credentials);
    this.#statuses = new StatusEnricher(
      (error) => this.#enrich(error),
      (status) => {
        this.status = status;
        this.#changes.notify();
      }
    );
    this.status = { state: 'connecting', since: deps.now() };
  }

  /** Starts the engine and the session. May be called again after the end. @returns ends both. */
  open(): () => void {
    const session = ++this.#session;
    void this.#start(session);
    return () => this.#close(session);
  }

  /** Calls back whenever {@link view} or {@link status} has changed. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  /** Says which rows of the tree the page shows. */
  show(query: TopicQuery): void {
    this.#post({ type: 'show', query });
  }

  /** Says which message the page shows. */
  inspect(query: MessageQuery): void {
    this.#post({ type: 'inspect', query });
  }

  /** A message from before, which is shown until others come. */
  seed(topic: string, payload: Uint8Array, retain: boolean): void {
    this.#post({ type: 'seed', topic, payload, retain });
  }

  /** Opens or closes a branch of the tree. */
  toggle(path: string, open: boolean): void {
    this.#post({ type: 'toggle', path, open });
  }

  /** Adds a filter to those that the explorer subscribes to, or removes it. */
  include(filter: string, included: boolean): void {
    this.#post({ type: 'include', filter, included });
  }

  /** While paused, the explorer is subscribed to nothing. */
  pause(paused: boolean): void {
    this.#post({ type: 'pause', paused });
  }

  /** The last messages as lines of JSON. The promise stays open after the end. */
  export(): Promise<string> {
    const request = this.#nextRequest++;
    this.#post({ type: 'export', request });
    return new Promise((resolve) => {
      this.#exports.set(request, resolve);
    });
  }

  /** How a line of the topic field can continue. The promise stays open after the end. */
  complete(line: string): Promise<readonly Completion[]> {
    const request = this.#nextRequest++;
    this.#post({ type: 'complete', request, line });
    return new Promise((resolve) => {
      this.#requests.set(request, resolve);
    });
  }

  #close(session: number): void {
    if (session !== this.#session) {
      return;
    }
    this.#session++;
    this.#statuses.stop();
    this.#requests.clear();
    this.#exports.clear();
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine !== undefined) {
      stopEngine(engine);
    }
  }

  #post(message: ToEngine): void {
    if (this.#engine === undefined) {
      this.#waiting.push(message);
    } else {
      this.#engine.port.postMessage(message);
    }
  }

  /** Never rejects: a failure becomes the status. */
  async #start(session: number): Promise<void> {
    let engine: LaunchedEngine;
    try {
      engine = await this.#deps.launch();
    } catch (error) {
      this.#statuses.push({ state: 'stopped', since: this.status.since, error: launchError(error) });
      return;
    }
    if (session !== this.#session) {
      engine.terminate();
      return;
    }
    this.#engine = engine;
    engine.port.onmessage = ({ data }) => this.#receive(data, engine);
    this.#version = this.#deps.versions?.begin(this.#options);
    engine.port.postMessage({
      type: 'explore',
      options: this.#options,
      older: this.#version?.older === true,
      spec: this.#spec,
    });
    for (const message of this.#waiting.splice(0)) {
      engine.port.postMessage(message);
    }
  }

  #receive(message: FromEngine, engine: LaunchedEngine): void {
    switch (message.type) {
      case 'status':
        this.#version?.learn(message.status);
        this.#statuses.push(message.status);
        break;
      case 'credentials':
        void this.#credentials.respond(message.attempt).then((response) => engine.port.postMessage(response));
        break;
      case 'view':
        this.view = message.view;
        this.#changes.notify();
        break;
      case 'messages':
        this.messages = message.view;
        this.#changes.notify();
        break;
      case 'exported':
        this.#exports.get(message.request)?.(message.text);
        this.#exports.delete(message.request);
        break;
      case 'completions':
        this.#requests.get(message.request)?.(message.completions);
        this.#requests.delete(message.request);
        break;
    }
  }

  #enrich(error: ConnectionError): ConnectionError | Promise<ConnectionError> {
    return this.#credentials.refused(error) ?? this.#services.diagnose?.(error) ?? error;
  }
}
