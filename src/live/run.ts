import {
  CoreApp,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  LoadingState,
} from '@grafana/data';
import { Observable, type Subscriber } from 'rxjs';
import { latestFrame, noticeFrame, seriesFrames, type SeriesView, type ShapeOptions } from '../frames';
import type { Replace } from '../topics';
import type { MqttQuery } from '../types';
import type { LiveConnection } from './connection';
import { noticesOf } from './notices';
import type { LiveStream } from './stream';
import { supersede } from './superseded';
import { labelsOf, readTarget, type Target } from './targets';
import { followsClock, isMixed, windowOf } from './window';

/** What a run needs of Grafana and of the page. */
export interface RunDeps {
  /** The data source's uid. */
  readonly uid: string;
  connect(): LiveConnection;
  readonly replace: Replace;
  now(): number;
  readonly page: PageVisibility;
}

export interface PageVisibility {
  hidden(): boolean;
  /** @returns what ends the calls. */
  onShown(listener: () => void): () => void;
}

/** Core merges packets by key and replaces what had the same one, so there is one packet for all queries. */
const KEY = 'mqtt';

/** The panel's time axis moves only when something is emitted, so something is, this often (milliseconds). */
const HEARTBEAT_MS = 1_000;

/** Never more often than this: `-- Dashboard --` waits for 50 ms of quiet, and drawing faster shows nobody more. */
const SHORTEST_TICK_MS = 100;

/** How long the first packet waits for something to show. Core shows a spinner after 200 ms without a packet. */
const FIRST_PACKET_MS = 150;

/** Points that a panel is taken to have room for where it does not say. */
const MAX_POINTS = 1_000;

/** How long a snapshot waits for its first message where nothing is kept yet. */
const SNAPSHOT_MS = 1_500;

/** A zoomed-in panel asks once and never again; what it came from is kept for longer than a refresh takes. */
const ZOOMED_LINGER_MS = 5 * 60_000;

/** Answers one request of Grafana's: a live stream of packets, or a snapshot where Grafana needs the end of it. */
export function run(request: DataQueryRequest<MqttQuery>, deps: RunDeps): Observable<DataQueryResponse> {
  return new Observable((subscriber) => {
    const run = new Run(request, deps, subscriber);
    run.start();
    return () => run.end();
  });
}

interface Source {
  readonly target: Target;
  readonly stream: LiveStream;
}

class Run {
  readonly #request: DataQueryRequest<MqttQuery>;
  readonly #deps: RunDeps;
  readonly #subscriber: Subscriber<DataQueryResponse>;
  readonly #sources: Source[] = [];
  readonly #faults: DataQueryError[] = [];
  readonly #cleanup: Array<() => void> = [];
  readonly #tickMs: number;
  #connection: LiveConnection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;
  #lastEmit = -Infinity;
  #checking = false;
  #ended = false;

  constructor(request: DataQueryRequest<MqttQuery>, deps: RunDeps, subscriber: Subscriber<DataQueryResponse>) {
    this.#request = request;
    this.#deps = deps;
    this.#subscriber = subscriber;
    this.#tickMs = Math.min(HEARTBEAT_MS, Math.max(SHORTEST_TICK_MS, request.intervalMs || 0));
  }

  /** Nothing is emitted in here: a packet inside subscribe makes core unsubscribe and subscribe again. */
  start(): void {
    for (const query of this.#request.targets) {
      // Core leaves hidden queries in the request.
      if (query.hide !== true) {
        this.#open(query);
      }
    }
    this.#cleanup.push(
      supersede(this.#request, this.#deps.uid, () => {
        this.#subscriber.complete();
      })
    );
    if (this.#sources.length === 0) {
      this.#at(0, () => this.#finish());
    } else if (!followsClock(this.#request)) {
      this.#at(0, () => this.#finish());
    } else if (isMixed(this.#request)) {
      this.#snapshotWhenThereIsSomething();
    } else {
      this.#live();
    }
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const clean of this.#cleanup) {
      clean();
    }
    const lingerMs = followsClock(this.#request) ? 0 : ZOOMED_LINGER_MS;
    for (const { stream } of this.#sources) {
      this.#connection?.leave(stream, lingerMs);
    }
  }

  #open(query: MqttQuery): void {
    try {
      const target = readTarget(query, this.#deps.replace);
      this.#connection ??= this.#deps.connect();
      this.#sources.push({ target, stream: this.#connection.join(target.spec) });
    } catch (error) {
      this.#faults.push({ refId: query.refId, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #live(): void {
    for (const { stream } of this.#sources) {
      this.#cleanup.push(stream.onChange(() => this.#changed()));
    }
    this.#cleanup.push(this.#deps.page.onShown(() => this.#emit()));
    this.#lastEmit = performance.now() - this.#tickMs + (this.#hasRows() ? 0 : FIRST_PACKET_MS);
    this.#arm(this.#hasRows() ? 0 : FIRST_PACKET_MS);
  }

  /** One packet for all that a batch changes: the others of the same batch have been told by the next microtask. */
  #changed(): void {
    if (!this.#checking) {
      this.#checking = true;
      queueMicrotask(() => {
        this.#checking = false;
        const first = this.#lastEmit > performance.now();
        const wait = first && this.#hasRows() ? 0 : this.#lastEmit + this.#tickMs - performance.now();
        this.#arm(Math.max(0, wait));
      });
    }
  }

  #arm(delay: number): void {
    const due = performance.now() + delay;
    if (!this.#ended && due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.#tick(), Math.ceil(delay));
    }
  }

  #tick(): void {
    this.#due = Infinity;
    this.#emit();
    this.#arm(HEARTBEAT_MS);
  }

  #emit(): void {
    // Nobody sees a hidden page; what comes is kept, and shown the moment it is looked at again.
    if (this.#ended || (this.#deps.page.hidden() && this.#lastEmit > 0)) {
      return;
    }
    this.#subscriber.next(this.#packet(LoadingState.Streaming));
    // Counted from the end: a page that takes long over a packet is left as much time to itself as any other.
    this.#lastEmit = performance.now();
  }

  #snapshotWhenThereIsSomething(): void {
    const finish = (): void => this.#finish();
    if (this.#hasRows()) {
      this.#at(0, finish);
      return;
    }
    this.#at(SNAPSHOT_MS, finish);
    for (const { stream } of this.#sources) {
      this.#cleanup.push(
        stream.onChange(() => {
          if (this.#hasRows()) {
            this.#at(0, finish);
          }
        })
      );
    }
  }

  #finish(): void {
    this.#subscriber.next(this.#packet(LoadingState.Done));
    this.#subscriber.complete();
  }

  #at(delay: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }

  #hasRows(): boolean {
    return this.#sources.some(({ stream }) => stream.series.some(({ frame }) => frame.length > 0));
  }

  #packet(state: LoadingState): DataQueryResponse {
    const window = windowOf(this.#request);
    const errors = this.#errors();
    const data = this.#sources.flatMap(({ target, stream }) => this.#framesOf(target, stream, window));
    if (errors.length > 0) {
      return { key: KEY, state: LoadingState.Error, data, errors, error: errors[0] };
    }
    // Beside queries that stream, an error would stop the panel's time axis; a notice says the same and does not.
    for (const { refId = '', message = '' } of this.#faults) {
      data.push(noticeFrame(refId, [{ severity: 'error', text: message }]));
    }
    return { key: KEY, state, data };
  }

  /** The errors where none of the queries can give anything; empty as soon as one can. */
  #errors(): DataQueryError[] {
    if (this.#hasRows()) {
      return [];
    }
    const refused = this.#sources.flatMap(({ target, stream }): DataQueryError[] =>
      stream.refused.length < target.spec.filters.length
        ? []
        : [{ refId: target.refId, message: noticesOf(stream, this.#status, this.#url, this.#deps.now())[0]?.text }]
    );
    if (refused.length === this.#sources.length) {
      return [...this.#faults, ...refused];
    }
    // Explore shows errors and no notices; in dashboards a panel that last had an error does not ask again when it
    // comes back into view, so a broker that is down for a moment would leave it dead.
    if (this.#request.app === CoreApp.Explore && 'fault' in this.#status && this.#status.fault !== undefined) {
      const { message } = this.#status.fault;
      return [...this.#faults, ...this.#sources.map(({ target }) => ({ refId: target.refId, message }))];
    }
    return [];
  }

  get #status(): LiveConnection['status'] {
    return this.#connection!.status;
  }

  get #url(): string {
    return this.#connection!.options.url;
  }

  #framesOf(target: Target, stream: LiveStream, window: { from: number; to: number }): DataFrame[] {
    const notices = noticesOf(stream, this.#status, this.#url, this.#deps.now());
    const views = stream.series.map((series): SeriesView => {
      series.lastRead = performance.now();
      return { topic: series.topic, frame: series.frame, labels: labelsOf(target, series.topic) };
    });
    const { intervalMs, maxDataPoints = MAX_POINTS } = this.#request;
    const { maxAgeMs = Infinity } = target.spec;
    const options: ShapeOptions = {
      refId: target.refId,
      window: { from: Math.max(window.from, window.to - maxAgeMs), to: window.to },
      legend: target.legend,
      alone: this.#isAlone(target),
      reduce: { how: target.reduce, intervalMs, maxPoints: maxDataPoints },
    };
    const shown = views.filter(({ frame }) => frame.columns.length > 0);
    const frames =
      shown.length === 0
        ? []
        : target.shape === 'latest'
          ? [latestFrame(shown, options)]
          : seriesFrames(shown, options);
    if (frames.length === 0) {
      return [noticeFrame(target.refId, notices)];
    }
    // One of a kind is enough: core shows the notices of all frames of a panel in one list.
    const reduced = frames.find(({ meta }) => meta?.notices !== undefined)?.meta?.notices ?? [];
    for (const frame of frames) {
      delete frame.meta;
    }
    if (notices.length + reduced.length > 0) {
      frames[0].meta = { notices: [...notices, ...reduced] };
    }
    return frames;
  }

  #isAlone(target: Target): boolean {
    return this.#sources.length === 1 && target.patterns.length === 1 && !target.patterns[0].wildcard;
  }
}
