import { NumberBuffer, sparkplug } from '../payload';
import { answerNearest, startExplorer } from './explorer/part';
import { Connection, type ConnectionDeps } from './mqtt-connection';
import { History } from './history/history';
import type { IncomingMessage } from './incoming-message';
import type { ConnectionStatus, EnginePort, StreamRefusal, StreamSpec, ToEngine } from './protocol';
import { RebirthRequester } from './rebirth-requester';
import { highestQos, type Route, Router } from './router';
import { Stream } from './stream';
import { TICK_MS } from './tick';

/**
 * Batches that wait for the page at the most. There is one, unless rows would be given up otherwise: a page that is
 * busy for a moment must not lose what comes meanwhile, and one that hangs must not be sent more and more.
 */
const MAX_IN_FLIGHT = 4;

/** The subscription identifier of a historian's marks: the largest there is [MQTT5-3.8.2.1.2]. */
const MARKS_ID = 268_435_455;

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
  readonly #router = new Router();
  readonly #streams = new Map<number, Stream>();
  readonly #dirty = new Set<Stream>();
  readonly #history: History;
  #connection: Connection | undefined;
  /** There where the settings allow publishing. */
  #rebirths: RebirthRequester | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAck = -Infinity;
  /** Batches that the page has not taken yet. */
  #inFlight = 0;
  #lastTime = 0;

  constructor(port: EnginePort, deps: ConnectionDeps) {
    this.#port = port;
    this.#deps = deps;
    this.#history = new History(
      {
        post: (message) => port.postMessage(message),
        onReplayed: (stream) => this.#changed(stream),
        isReady: () => this.#inFlight < MAX_IN_FLIGHT,
        streams: () => this.#streams.values(),
        restart: (stream) => this.#restart(stream),
        flush: () => this.#flush(),
        subscribe: (filter, qos) => this.#connection?.subscribe(filter, qos, MARKS_ID),
      },
      deps
    );
  }

  handle(message: ToEngine): void {
    switch (message.type) {
      case 'connect':
        this.#history.connect(message.options, message.older === true, () => this.#connection?.clientId);
        this.#connection = new Connection(
          message.options,
          message.older === true,
          {
            onStatus: (status) => this.#sendStatus(status),
            onMessage: (message) => this.#receive(message),
            onSubscribed: (filter, refusal) => this.#onSubscribed(filter, refusal),
            onCredentials: (attempt) => this.#port.postMessage({ type: 'credentials', attempt }),
          },
          this.#deps
        );
        this.#rebirths = message.options.sparkplugRebirth === true ? this.#startRebirths(this.#connection) : undefined;
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
        if (!this.#history.answerCredentials(message.attempt, message.credentials)) {
          this.#connection?.credentials(message.attempt, message.credentials);
        }
        break;
      case 'no-credentials':
        if (this.#history.answerCredentials(message.attempt, undefined)) {
          break;
        }
        this.#connection?.noCredentials(message.attempt, message.error, message.retry);
        break;
      case 'reconnect':
        this.#connection?.reconnect(message);
        break;
      case 'nearest':
        void answerNearest(this.#port, message);
        break;
      case 'ack':
        this.#inFlight = Math.max(0, this.#inFlight - 1);
        this.#history.resume();
        this.#lastAck = performance.now();
        this.#schedule();
        break;
      case 'stop':
        clearTimeout(this.#timer);
        this.#rebirths?.stop();
        this.#stop();
        break;
    }
  }

  #stop(): void {
    const stored = this.#history.stop();
    const stopped = (): void => {
      void stored.then(() => this.#port.postMessage({ type: 'stopped' }));
    };
    if (this.#connection === undefined) {
      stopped();
    } else {
      this.#connection.stop(stopped);
    }
  }

  #restart(old: Stream): Stream {
    const stream = this.#create(old.id, old.spec, true);
    this.#dirty.delete(old);
    this.#history.recorder.close(old);
    this.#router.replace(old, stream);
    this.#history.recorder.open(stream);
    return stream;
  }

  #create(id: number, spec: StreamSpec, restarted: boolean): Stream {
    const stream = new Stream(id, spec, this.#rebirths, restarted);
    stream.onLate = () => {
      if (this.#streams.get(id) === stream) {
        this.#changed(stream);
        this.#history.resume();
      }
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #startRebirths(connection: Connection): RebirthRequester {
    const { now, random } = this.#deps;
    return new RebirthRequester({
      publish: (topic, payload) => connection.publish(topic, payload),
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
      status.state === 'connected' && status.sessionPresent
        ? [...this.#streams.values()].filter((stream) => this.#stores(stream)).map(({ id }) => id)
        : [];
    this.#port.postMessage({ type: 'status', status, ...(stored.length === 0 ? undefined : { stored }) });
    this.#history.onStatus(status);
  }

  /** Whether the broker stores all messages of a stream for a session that is away, as far as they have shown. */
  #stores(stream: Stream): boolean {
    return !stream.receivesQos0 && stream.spec.filters.every((filter) => this.#connection?.stores(filter) === true);
  }

  #open(id: number, spec: StreamSpec): void {
    const stream = this.#create(id, spec, false);
    this.#history.recorder.open(stream);
    this.#wantUserProperties();
    for (const filter of this.#router.add(stream)) {
      // Also when it is subscribed to already: this stream needs the retained messages.
      this.#connection?.subscribe(filter.name, highestQos(filter), filter.id);
    }
  }

  #close(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      return;
    }
    this.#streams.delete(id);
    this.#history.close(stream);
    this.#wantUserProperties();
    this.#dirty.delete(stream);
    for (const { name } of this.#router.delete(stream)) {
      this.#connection?.unsubscribe(name);
    }
  }

  /** User properties cost something, and few queries look at them. */
  #wantUserProperties(): void {
    if (this.#connection !== undefined) {
      this.#connection.wantsUserProperties = [...this.#streams.values()].some(
        ({ spec }) => spec.labels?.some(({ from }) => from === 'property') === true
      );
    }
  }

  #receive(message: IncomingMessage): void {
    // A clock that is set back must not make rows run backwards.
    const time = Math.max(this.#lastTime, this.#deps.now());
    this.#lastTime = time;
    const epoch = this.#connection?.epoch ?? 0;
    const { subscriptionIdentifiers: ids } = message;
    if (this.#history.takeMark(message, time, epoch)) {
      return;
    }
    const routes = this.#router.routes(message.topic);
    if (this.#history.isHistorianStatus(message) && !routes.some(({ stream }) => isNamed(stream, message.topic))) {
      return;
    }
    // In the record it is once, whichever streams this copy is for.
    const { recorder } = this.#history;
    const isForRecord = recorder.isOn && isCopyToRecord(routes, ids);
    const isRecorded = isForRecord && recorder.record(message, time, epoch);
    for (const { stream, id } of routes) {
      if (recorder.isReplaying(stream) && (isRecorded || !isForRecord)) {
        continue; // it comes to the stream from the record, behind what came before
      }
      if (ids.length === 0 || ids.includes(id)) {
        stream.add(message, time, epoch);
        this.#changed(stream);
      }
    }
  }

  /** A stream has something for the page. */
  #changed(stream: Stream): void {
    this.#dirty.add(stream);
    if (stream.aboveHighWaterMark && this.#inFlight < MAX_IN_FLIGHT) {
      clearTimeout(this.#timer);
      this.#flush();
    } else if (this.#timer === undefined) {
      this.#schedule();
    }
  }

  #schedule(): void {
    // The page takes one batch at a time: one that does not keep up gets fewer and larger ones.
    if (this.#dirty.size === 0 || this.#inFlight > 0 || this.#timer !== undefined) {
      return;
    }
    const wait = this.#lastAck + TICK_MS - performance.now();
    // Not at once even after a quiet while: what the same chunk of the socket brings belongs to the same batch.
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, wait));
  }

  #flush(): void {
    this.#timer = undefined;
    const dirty = [...this.#dirty];
    const buffer = new NumberBuffer(dirty.reduce((sum, stream) => sum + stream.numbers, 0));
    const streams = dirty.map((stream) => stream.take(buffer)).filter((batch) => batch !== undefined);
    this.#dirty.clear();
    if (streams.length > 0) {
      // Its memory moves to the page instead of being copied.
      this.#port.postMessage({ type: 'batch', streams }, [buffer.floats.buffer as ArrayBuffer]);
      this.#inFlight++;
    }
  }

  #onSubscribed(name: string, refusal: string | undefined): void {
    this.#history.onSubscribed(name, refusal);
    const filter = this.#router.answered(name, refusal);
    for (const stream of filter?.qos.keys() ?? []) {
      const filters = this.#router.filtersOf(stream);
      const refused = filters.flatMap((each): StreamRefusal[] =>
        each.answer?.refusal === undefined ? [] : [{ filter: each.name, reason: each.answer.refusal }]
      );
      const granted = filters.every(({ answer }) => answer !== undefined && answer.refusal === undefined);
      this.#port.postMessage({ type: 'subscribed', stream: stream.id, granted, refused });
    }
  }
}

/** Whether a stream wants this very topic, and not only by a wildcard. */
function isNamed({ spec }: Stream, topic: string): boolean {
  return spec.filters.includes(topic);
}

/** Whether this copy of a message is the one to record, where the broker sends one for each filter that matches. */
function isCopyToRecord(routes: readonly Route[], ids: readonly number[]): boolean {
  let lowest: number | undefined;
  for (const { stream, id } of routes) {
    if (stream.isRecorded && (lowest === undefined || id < lowest)) {
      lowest = id;
    }
  }
  return lowest !== undefined && (ids.length === 0 || ids.includes(lowest));
}
