import type { ConnectionDeps } from '../connection-events';
import type { Connection } from '../mqtt-connection';
import type { IncomingMessage } from '../incoming-message';
import type { EnginePort, StreamRefusal, ToEngine } from '../protocol';
import {
  EXPLORER_LIMITS,
  type ExplorerLimits,
  type MessageQuery,
  type MessageView,
  type PauseReason,
  type TopicQuery,
  type TopicView,
} from '../explorer-protocol';
import { covers } from '../../topics';
import { Inspector, type InspectorTools } from './inspector';
import { TopicIndex } from './topic-index';

/** How often the page gets what has changed, in milliseconds: a person reads numbers that change once a second. */
const UPDATE_MS = 1_000;

/** How often in the time after the start, while retained messages arrive; and how long that is. In milliseconds. */
const FIRST_UPDATES_MS = 200;
const SETTLE_MS = 1_000;

/** Further code that only a query editor needs. */
export { nearestTopics } from '../../topics';

export type ExplorerStart = Extract<ToEngine, { type: 'explore' }>;

/** The part of the engine that an explorer uses. */
export interface ExplorerTools extends InspectorTools {
  readonly Connection: typeof Connection;
}

/** An engine that only looks: one MQTT session that no panel uses, and a tree of its topics. */
export class Explorer {
  readonly #port: EnginePort;
  readonly #now: () => number;
  readonly #connection: Connection;
  readonly #index: TopicIndex;
  readonly #limits: ExplorerLimits;
  readonly #qos: 0 | 1 | 2;
  readonly #filters = new Set<string>();
  readonly #refused = new Map<string, StreamRefusal>();
  #nextId = 1;
  #granted = false;
  #grantedAt: number | undefined;
  #paused: PauseReason | undefined;
  /** Bytes of the index when the explorer was resumed. */
  #bytesBefore = 0;
  #query: TopicQuery | undefined;
  /** There if messages are shown instead of the tree. */
  readonly #inspector: Inspector | undefined;
  #inspected: MessageQuery | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tools the engine's: a part of the engine has no MQTT client and no decoders of its own. */
  constructor(port: EnginePort, deps: ConnectionDeps, { options, older, spec }: ExplorerStart, tools: ExplorerTools) {
    this.#port = port;
    this.#now = deps.now;
    this.#limits = { ...EXPLORER_LIMITS, ...spec.limits };
    this.#qos = spec.qos;
    this.#index = new TopicIndex(this.#limits.topics, deps.now());
    this.#inspector = spec.read === undefined ? undefined : new Inspector(spec.read, tools, () => this.#update());
    this.#connection = new tools.Connection(
      options,
      older,
      {
        onStatus: (status) => port.postMessage({ type: 'status', status }),
        onMessage: (message) => {
          this.#receive(message);
        },
        onSubscribed: (filter, refusal) => this.#onSubscribed(filter, refusal),
        onCredentials: (attempt) => port.postMessage({ type: 'credentials', attempt }),
      },
      deps
    );
    this.#connection.wantsUserProperties = spec.read !== undefined;
    for (const filter of withoutCovered(spec.filters)) {
      this.#include(filter, true);
    }
  }

  handle(message: ToEngine): void {
    switch (message.type) {
      case 'show':
        this.#query = message.query;
        this.#update();
        break;
      case 'inspect':
        this.#inspected = message.query;
        this.#update();
        break;
      case 'seed':
        this.#inspector?.log.seed(message.topic, message.payload, message.retain);
        this.#update();
        break;
      case 'export':
        this.#port.postMessage({
          type: 'exported',
          request: message.request,
          text: this.#inspector?.log.toJsonLines() ?? '',
        });
        break;
      case 'toggle':
        this.#index.toggle(message.path, message.open);
        this.#update();
        break;
      case 'include':
        this.#include(message.filter, message.included);
        this.#update();
        break;
      case 'pause':
        this.#setPaused(message.paused ? 'user' : undefined);
        break;
      case 'complete':
        this.#port.postMessage({
          type: 'completions',
          request: message.request,
          completions: this.#index.complete(message.line),
        });
        break;
      case 'credentials':
        this.#connection.credentials(message.attempt, message.credentials);
        break;
      case 'no-credentials':
        this.#connection.noCredentials(message.attempt, message.error, message.retry);
        break;
      case 'reconnect':
        this.#connection.reconnect(message);
        break;
      case 'stop':
        clearTimeout(this.#timer);
        this.#query = undefined;
        this.#inspected = undefined;
        this.#connection.stop(() => this.#port.postMessage({ type: 'stopped' }));
        break;
    }
  }

  #include(filter: string, included: boolean): void {
    if (included === this.#filters.has(filter)) {
      return;
    }
    if (included) {
      this.#filters.add(filter);
      this.#subscribe(filter);
    } else {
      this.#filters.delete(filter);
      this.#refused.delete(filter);
      this.#connection.unsubscribe(filter);
    }
  }

  #subscribe(filter: string): void {
    if (this.#paused === undefined) {
      this.#connection.subscribe(filter, this.#qos, this.#nextId++);
    }
  }

  #setPaused(paused: PauseReason | undefined): void {
    if (paused === this.#paused) {
      return;
    }
    this.#paused = paused;
    this.#bytesBefore = this.#index.bytes;
    for (const filter of this.#filters) {
      if (paused === undefined) {
        this.#subscribe(filter);
      } else {
        this.#connection.unsubscribe(filter);
      }
    }
    this.#update();
  }

  #onSubscribed(filter: string, refusal: string | undefined): void {
    if (refusal === undefined) {
      this.#refused.delete(filter);
      this.#granted = true;
      this.#grantedAt ??= this.#now();
    } else {
      this.#refused.set(filter, { filter, reason: refusal });
    }
    this.#update();
  }

  #receive(message: IncomingMessage): void {
    const { topic, payload, retain } = message;
    // A message that was on its way when the subscription ended.
    if (this.#paused !== undefined) {
      return;
    }
    const now = this.#now();
    this.#index.add(topic, payload, retain, now);
    this.#inspector?.add(message, now);
    if (this.#index.bytes - this.#bytesBefore > this.#limits.bytes) {
      this.#setPaused('bytes');
    } else if (!retain && this.#index.rate(now) > this.#limits.messageRate) {
      this.#setPaused('rate');
    }
    this.#schedule();
  }

  #schedule(): void {
    if ((this.#query ?? this.#inspected) !== undefined && this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#update(), this.#isSettled ? UPDATE_MS : FIRST_UPDATES_MS);
    }
  }

  get #isSettled(): boolean {
    return this.#grantedAt !== undefined && this.#now() - this.#grantedAt > SETTLE_MS;
  }

  #update(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#inspector !== undefined && this.#inspected !== undefined) {
      const view: MessageView = {
        ...this.#inspector.view(this.#inspected),
        limits: this.#limits,
        ...(this.#paused === undefined ? undefined : { paused: this.#paused }),
        refused: [...this.#refused.values()],
      };
      this.#port.postMessage({ type: 'messages', view });
    }
    if (this.#query === undefined) {
      return;
    }
    if (this.#isSettled) {
      this.#index.settle();
    }
    this.#port.postMessage({ type: 'view', view: this.#view(this.#query) });
    // Rates fall and ages grow without a message, too.
    this.#schedule();
  }

  #view(query: TopicQuery): TopicView {
    const index = this.#index;
    const now = this.#now();
    // While retained messages arrive, there is no order yet to keep.
    const { total, first, rows } = index.rows({ ...query, hold: query.hold === true && this.#isSettled }, now);
    return {
      now,
      topics: index.size,
      found: index.found,
      messages: index.messages,
      bytes: index.bytes,
      rate: index.rate(now),
      skipped: index.skipped,
      limits: this.#limits,
      ...(this.#paused === undefined ? undefined : { paused: this.#paused }),
      refused: [...this.#refused.values()],
      granted: this.#granted,
      total,
      first,
      rows,
      ...(query.filter === undefined || query.filter === '' ? undefined : { matches: index.matches(query.filter) }),
    };
  }
}

/** Without the filters whose topics another filter matches, because some brokers send a message for each of both. */
function withoutCovered(filters: readonly string[]): string[] {
  return filters.filter(
    (filter, i) => !filters.some((other, j) => i !== j && covers(other, filter) && (j < i || !covers(filter, other)))
  );
}
