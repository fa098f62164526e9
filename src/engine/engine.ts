import { sparkplug } from '../payload';
import { BatchSender } from './batch-sender';
import { Delivery } from './delivery';
import { findNearest, startExplorer } from './explorer/part';
import type { ConnectionDeps } from './connection-events';
import { History } from './history/history';
import type { ConnectionOptions, ConnectionStatus, EnginePort, StreamSpec, ToEngine } from './protocol';
import { RebirthRequester } from './rebirth-requester';
import { Router } from './router';
import { type Session, SessionSet } from './session-set';
import { Stream } from './stream';
import { SubscriptionPlan } from './subscription-plan';

/**
 * The side of the message port that speaks MQTT: one connection, its streams, and a batch of rows every tick.
 * Nothing of Grafana's and nothing of the page's is in here, so that it runs in a Worker.
 */
export function startEngine(port: EnginePort, deps: ConnectionDeps): void {
  const engine = new Engine(port, deps);
  port.onmessage = ({ data }) => {
    if (data.type === 'explore') {
      void startExplorer(port, deps, data);
    } else {
      engine.handle(data);
    }
  };
  port.postMessage({ type: 'ready' });
}

class Engine {
  readonly #port: EnginePort;
  readonly #deps: ConnectionDeps;
  readonly #plan: SubscriptionPlan;
  readonly #router: Router;
  readonly #delivery: Delivery;
  readonly #streams = new Map<number, Stream>();
  readonly #history: History;
  #sessions: SessionSet | undefined;
  /** There where the settings allow publishing. */
  #rebirths: RebirthRequester | undefined;
  readonly #sender: BatchSender;

  constructor(port: EnginePort, deps: ConnectionDeps) {
    this.#port = port;
    this.#deps = deps;
    this.#sender = new BatchSender(port);
    this.#plan = new SubscriptionPlan(() => this.#sessions, {
      onChange: (session) => this.#router.onChange(session),
      onResult: (concerned) => this.#postResults(concerned),
      onUnsubscribed: (filter) => this.#delivery.forget(filter),
      hasRetained: (filter) => this.#delivery.hasRetained(filter),
      release: (source) => this.#router.release(source),
    });
    this.#router = new Router(this.#plan, (topic) => this.#delivery.retained(topic));
    this.#history = new History(
      {
        post: (message) => port.postMessage(message),
        onReplayed: (stream) => {
          this.#sender.changed(stream);
          this.#delivery.onReplayed(stream);
        },
        isReady: () => this.#sender.hasRoom,
        streams: () => this.#streams.values(),
        restart: (stream) => this.#restart(stream),
        onOtherUser: () => this.#forget(),
        flush: () => this.#sender.flush(),
        sessions: () => this.#sessions?.all ?? [],
        subscribeStreams: () => this.#plan.update(),
      },
      deps
    );
    this.#delivery = new Delivery(this.#router, this.#history, deps.now, (stream) => this.#sender.changed(stream));
  }

  handle(message: ToEngine): void {
    switch (message.type) {
      case 'connect':
        this.#sessions = this.#connect(message.options, message.older === true);
        this.#history.connect(message.options, message.older === true);
        this.#rebirths = message.options.sparkplugRebirth === true ? this.#startRebirths(this.#sessions) : undefined;
        this.#wantUserProperties();
        break;
      case 'open':
        this.#open(message.stream, message.spec);
        break;
      case 'close':
        this.#close(message.stream);
        break;
      case 'record':
        this.#history.configure(message.options);
        break;
      case 'past':
        this.#history.request(message.stream, { from: message.from, to: message.to });
        break;
      case 'flush':
        this.#history.recorder.flush();
        break;
      case 'credentials':
        if (!this.#history.takeCredentials(message.attempt, message.credentials)) {
          this.#sessions?.takeCredentials(message.attempt, (connection, attempt) =>
            connection.credentials(attempt, message.credentials)
          );
        }
        break;
      case 'no-credentials':
        if (!this.#history.takeCredentials(message.attempt, undefined)) {
          this.#sessions?.takeCredentials(message.attempt, (connection, attempt) =>
            connection.noCredentials(attempt, message.error, message.retry)
          );
        }
        break;
      case 'reconnect':
        this.#sessions?.reconnect(message);
        break;
      case 'nearest':
        void findNearest(this.#port, message);
        break;
      case 'tick':
        this.#sender.setTick(this.#streams.get(message.stream), message.ms);
        break;
      case 'ack':
        this.#sender.acknowledged();
        this.#history.resume();
        this.#sender.schedule();
        break;
      case 'stop':
        this.#sender.stop();
        this.#rebirths?.stop();
        this.#stop();
        break;
    }
  }

  #stop(): void {
    const stored = this.#history.stop();
    const stopped = (): unknown => stored.then(() => this.#port.postMessage({ type: 'stopped' }));
    this.#plan.stop();
    const sessions = this.#sessions;
    // So that streams that close now plan no further one
    this.#sessions = undefined;
    if (sessions === undefined) {
      stopped();
    } else {
      sessions.stop(stopped);
    }
  }

  #restart(old: Stream): Stream {
    const stream = this.#create(old.id, old.spec, true);
    stream.shownFrom = old.shownFrom;
    stream.tickMs = old.tickMs;
    this.#sender.delete(old);
    this.#history.recorder.close(old);
    this.#plan.replace(old, stream);
    this.#router.delete(old);
    this.#router.add(stream);
    this.#delivery.replace(old, stream);
    this.#history.recorder.open(stream, true);
    return stream;
  }

  /** All streams begin again, with nothing. */
  #forget(): void {
    for (const stream of this.#streams.values()) {
      stream.spec.filters.forEach((filter) => this.#delivery.forget(filter));
      this.#restart(stream);
    }
  }

  #connect(options: ConnectionOptions, older: boolean): SessionSet {
    return new SessionSet(
      options,
      older,
      {
        onStatus: (status) => this.#sendStatus(status),
        onMessage: (session, message, receivedAt) => this.#delivery.receive(session, message, receivedAt),
        onSubscribed: (session, filter, refusal) => {
          this.#history.onSubscribed(filter, refusal);
          this.#plan.onSubscribed(session, filter, refusal);
        },
        onCredentials: (attempt) => this.#port.postMessage({ type: 'credentials', attempt }),
        onChange: (session, change) => this.#plan.onSession(session, change),
        onGap: (session, from, to) => this.#sendGap(session, from, to),
      },
      this.#deps
    );
  }

  #create(id: number, spec: StreamSpec, restarted: boolean): Stream {
    const stream = new Stream(id, spec, this.#rebirths, restarted);
    stream.onReleased = () => {
      if (this.#streams.get(id) === stream) {
        this.#sender.changed(stream);
        this.#history.resume();
      }
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #startRebirths({ first }: SessionSet): RebirthRequester {
    const { now, random } = this.#deps;
    return new RebirthRequester({
      publish: (topic, payload) => first.connection.publish(topic, payload),
      // Only the decoder that this part has asks for births.
      encode: (time) => sparkplug.code!.encodeRebirth(time),
      now,
      random,
    });
  }

  #sendStatus(status: ConnectionStatus): void {
    if (status.state === 'reconnecting') {
      this.#rebirths?.onDisconnected();
    }
    // Before the session is brought up to date: what counts is what it had while it was away.
    const stored =
      status.state === 'connected'
        ? [...this.#streams.values()]
            .filter((stream) => this.#hasAll(stream, status.sessionPresent))
            .map(({ id }) => id)
        : [];
    this.#port.postMessage({ type: 'status', status, ...(stored.length === 0 ? undefined : { stored }) });
    this.#history.onStatus(status, stored);
  }

  /** Whether a stream misses nothing after the first session was away (`resumed`: and is back with what it had). */
  #hasAll(stream: Stream, resumed: boolean): boolean {
    const sessions = this.#sessions;
    if (sessions === undefined || (resumed && this.#stores(stream))) {
      return sessions !== undefined;
    }
    return sessions.hasReconnected && !this.#plan.uses(stream, sessions.first) && this.#plan.resultOf(stream).granted;
  }

  /** Whether the broker stores all messages of a stream for a session that is away, as far as they have shown. */
  #stores(stream: Stream): boolean {
    return !stream.receivesQos0 && stream.spec.filters.every((filter) => this.#plan.grantedQos(filter) > 0);
  }

  /** A further session was away; streams that do not use it miss nothing, nor what other sessions have brought. */
  #sendGap(session: Session, lostAt: number, to: number): void {
    const from = this.#plan.missesSince(session, lostAt);
    if (from < to) {
      const stored = [...this.#streams.values()].filter(
        (stream) => !this.#plan.uses(stream, session) || this.#stores(stream)
      );
      this.#history.onGap(
        { from, to },
        stored.map(({ id }) => id)
      );
    }
  }

  #open(id: number, spec: StreamSpec): void {
    const stream = this.#create(id, spec, false);
    this.#history.recorder.open(stream);
    this.#wantUserProperties();
    this.#router.add(stream);
    this.#plan.add(stream);
    if (this.#plan.resultOf(stream).isComplete) {
      this.#postResults([stream]);
    }
    this.#delivery.open(stream);
  }

  #close(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      return;
    }
    this.#streams.delete(id);
    this.#history.close(stream);
    this.#wantUserProperties();
    this.#sender.delete(stream);
    this.#delivery.close(stream);
    this.#router.delete(stream);
    this.#plan.delete(stream);
  }

  /** User properties cost something, and few queries look at them. */
  #wantUserProperties(): void {
    if (this.#sessions !== undefined) {
      this.#sessions.wantsUserProperties = [...this.#streams.values()].some(
        ({ spec }) => spec.labels?.some(({ from }) => from === 'property') === true
      );
    }
  }

  #postResults(streams: Iterable<Stream>): void {
    for (const stream of streams) {
      const { isComplete: _, ...result } = this.#plan.resultOf(stream);
      this.#port.postMessage({ type: 'subscribed', stream: stream.id, ...result });
    }
  }
}
