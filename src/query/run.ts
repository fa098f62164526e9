import { type DataQueryError, type DataQueryRequest, type DataQueryResponse, LoadingState } from '@grafana/data';
import { Observable, type Subscriber } from 'rxjs';
import type { Replace } from '../topics';
import type { MqttQuery } from '../types';
import type { ConnectionClient } from '../connection/client';
import type { PageVisibility } from '../connection/runtime';
import type { QueryLimits } from '../connection/settings';
import { withinLimits } from './limits';
import { type AnnouncedMetadata, type DiscoveryTopics, joinAnnouncedMetadata } from './announced-metadata';
import { findNearestTopics } from './nearest-topics';
import { isSilent } from '../notices/notices';
import { hasRows, makeResponse, type Source } from './response';
import { supersede } from './supersede';
import { Ticker } from './ticker';
import { parseQuery } from './parse-query';
import { followsClock, isMixed } from './time-range';

/** What a run needs of Grafana and of the page. */
export interface RunDeps extends DiscoveryTopics {
  /** The data source's uid. */
  readonly uid: string;
  connect(): ConnectionClient;
  readonly replace: Replace;
  now(): number;
  readonly page: PageVisibility;
  /** What no query may have more than. Default: nothing beside the queries' own limits. */
  readonly caps?: QueryLimits;
  /** Whether somebody is writing these queries, and what they could be is worth looking for. Default: nobody. */
  editing?(): boolean;
  /** See `topicRoot`. Default `#`. */
  readonly topicRoot?: string;
}

/** How long the first packet waits for something to show. Core shows a spinner after 200 ms without a packet. */
const FIRST_PACKET_MS = 150;

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

class Run {
  readonly #request: DataQueryRequest<MqttQuery>;
  readonly #deps: RunDeps;
  readonly #subscriber: Subscriber<DataQueryResponse>;
  readonly #sources: Source[] = [];
  readonly #faults: DataQueryError[] = [];
  readonly #cleanup: Array<() => void> = [];
  readonly #ticker: Ticker;
  #connection: ConnectionClient | undefined;
  #discovery: AnnouncedMetadata | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #emitted = false;
  #turnDue = false;
  #ended = false;

  constructor(request: DataQueryRequest<MqttQuery>, deps: RunDeps, subscriber: Subscriber<DataQueryResponse>) {
    this.#request = request;
    this.#deps = deps;
    this.#subscriber = subscriber;
    this.#ticker = new Ticker(request.intervalMs, () => this.#tick());
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
    if (this.#connection !== undefined) {
      this.#discovery = joinAnnouncedMetadata(this.#connection, this.#deps);
    }
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
    this.#ticker.stop();
    for (const clean of this.#cleanup) {
      clean();
    }
    const lingerMs = followsClock(this.#request) ? 0 : ZOOMED_LINGER_MS;
    for (const { stream } of this.#discovery === undefined ? this.#sources : [...this.#sources, this.#discovery]) {
      this.#connection?.leave(stream, lingerMs);
    }
  }

  #open(query: MqttQuery): void {
    try {
      const target = withinLimits(parseQuery(query, this.#deps.replace), this.#deps.caps);
      this.#connection ??= this.#deps.connect();
      const stream = this.#connection.join(target.spec);
      const { from, to } = this.#request.range;
      stream.need(to.valueOf() - from.valueOf());
      this.#sources.push({ target, stream });
    } catch (error) {
      this.#faults.push({ refId: query.refId, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #live(): void {
    for (const { stream } of this.#sources) {
      this.#cleanup.push(stream.onChange(() => this.#changed()));
    }
    this.#cleanup.push(this.#deps.page.onShown(() => this.#connection?.turns.add(() => this.#emit())));
    this.#ticker.start(this.#hasRows() ? 0 : FIRST_PACKET_MS);
  }

  /** One packet for all that a batch changes: the other streams of the same batch have been told by the next turn. */
  #changed(): void {
    if (!this.#turnDue) {
      this.#turnDue = true;
      this.#connection?.turns.add(() => {
        this.#turnDue = false;
        this.#show();
      });
    }
  }

  /** Shows what has come, now where a tick has passed since the last packet. */
  #show(): void {
    if (this.#isUnseen) {
      return;
    }
    const due = this.#ticker.request(!this.#emitted && this.#hasRows());
    if (due !== undefined && this.#ticker.isShortest) {
      this.#connection?.flowControl.deferAckUntil(due);
    }
  }

  #tick(): void {
    this.#emit();
    this.#lookForNearest();
  }

  /** Nobody sees a hidden page; what comes is kept, and shown the moment it is looked at again. */
  get #isUnseen(): boolean {
    return this.#emitted && this.#deps.page.hidden();
  }

  #lookForNearest(): void {
    const { topicRoot = '#', page } = this.#deps;
    if (this.#connection === undefined || this.#deps.editing?.() !== true || page.hidden()) {
      return;
    }
    const now = this.#deps.now();
    for (const { stream } of this.#sources) {
      if (isSilent(stream, this.#connection.status, now)) {
        void findNearestTopics(this.#connection, stream, topicRoot, now);
      }
    }
  }

  #emit(): void {
    if (this.#ended || this.#isUnseen) {
      return;
    }
    this.#emitted = true;
    this.#subscriber.next(this.#packet(LoadingState.Streaming));
    this.#ticker.restart();
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
    return hasRows(this.#sources);
  }

  #packet(state: LoadingState): DataQueryResponse {
    return makeResponse(
      {
        request: this.#request,
        sources: this.#sources,
        faults: this.#faults,
        connection: this.#connection,
        announced: this.#discovery?.values.lookup,
        editing: this.#deps.editing?.() === true,
        now: this.#deps.now(),
      },
      state
    );
  }
}
