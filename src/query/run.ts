import { type DataQueryError, type DataQueryRequest, type DataQueryResponse, LoadingState } from '@grafana/data';
import { Observable, type Subscriber } from 'rxjs';
import type { MqttQuery } from '../types';
import type { ConnectionClient } from '../connection/client';
import type { SharedStream } from '../connection/shared-stream';
import { withinLimits } from './limits';
import { type AnnouncedMetadata, joinAnnouncedMetadata } from './announced-metadata';
import { type Editing, editingPart } from './editing-part';
import { FEW_MESSAGES } from '../engine/tick';
import { isSilent } from '../notices/stream';
import { messageOf } from '../utils/errors';
import { onLines, waitsForLines } from './lines-part';
import { hasRows, makeResponse, type Source } from './response';
import { forgetError } from './query-runner';
import { supersede } from './supersede';
import { drawBudget } from './draw-budget';
import { HEARTBEAT_MS, ResponseTimer } from './response-timer';
import { isEnvelope, type ParsedQuery, parseQuery } from './parse-query';
import { rememberRows, rowsBefore } from './rows-before';
import { followsClock, isMixed } from './time-range';
import { JoinedBackfill } from './join-backfill';
import type { RunDeps } from './run-deps';

/**
 * How long the first response waits for rows, in milliseconds. Core shows a spinner after 200 ms without a response.
 */
const FIRST_RESPONSE_MS = 150;

/** How long a snapshot waits for its first message if no rows are stored yet, in milliseconds. */
const SNAPSHOT_MS = 1_500;

/** How long a historian may take to respond before a range that has ended is shown without, in milliseconds. */
const PAST_MS = 5_000;

/** A zoomed-in panel queries once, and zooming out has to find the rows again: they stay for so many milliseconds. */
const ZOOMED_LINGER_MS = 5 * 60_000;

/** Answers one request of Grafana: a live stream of responses, or a snapshot if Grafana waits for the stream's end. */
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
  readonly #parseErrors: DataQueryError[] = [];
  readonly #cleanup: Array<() => void> = [];
  readonly #responseTimer: ResponseTimer;
  #connection: ConnectionClient | undefined;
  #announced: AnnouncedMetadata | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading: ReturnType<typeof setTimeout> | undefined;
  #emitted = false;
  /** Messages that the last response had. */
  #shown = 0;
  #scheduled = false;
  #ended = false;
  #isPastLate = false;
  #hasFailed = false;

  constructor(request: DataQueryRequest<MqttQuery>, deps: RunDeps, subscriber: Subscriber<DataQueryResponse>) {
    this.#request = request;
    this.#deps = deps;
    this.#subscriber = subscriber;
    this.#responseTimer = new ResponseTimer(request.intervalMs, () => this.#tick());
  }

  /** Emits nothing: a response inside subscribe makes core unsubscribe and subscribe again. */
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
      this.#announced = joinAnnouncedMetadata(this.#connection, this.#deps);
    }
    if (this.#sources.length === 0) {
      this.#at(0, () => this.#finish());
    } else if (!followsClock(this.#request)) {
      this.#finishWithPast();
    } else if (isMixed(this.#request)) {
      this.#snapshot();
    } else {
      this.#live();
    }
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#loading);
    this.#responseTimer.stop();
    this.#cleanup.forEach((clean) => clean());
    if (this.#hasFailed) {
      forgetError(this.#request);
    }
    rememberRows(this.#request, this.#sources);
    const lingerMs = followsClock(this.#request) ? 0 : ZOOMED_LINGER_MS;
    this.#setTick(undefined);
    for (const { stream } of this.#announced === undefined ? this.#sources : [...this.#sources, this.#announced]) {
      this.#connection?.leave(stream, lingerMs);
    }
  }

  /** How often this run shows what comes, in milliseconds. The first rows of a stream are shown as soon as they come. */
  #setTick(ms: number | undefined): void {
    for (const source of this.#sources) {
      const isFirst = source.stream.series.length === 0;
      source.stream.setTick(source, isFirst ? undefined : ms);
    }
  }

  #open(query: MqttQuery): void {
    try {
      const parsed = withinLimits(parseQuery(query, this.#deps.replace), this.#deps.limits);
      this.#connection ??= this.#deps.connect();
      const stream = this.#connection.join(parsed.spec);
      const { from, to } = this.#request.range;
      stream.requireRange(to.valueOf() - from.valueOf(), isEnvelope(parsed));
      const until = followsClock(this.#request) ? Infinity : to.valueOf();
      this.#connection.requestPast(stream, { from: from.valueOf(), to: until });
      const before = rowsBefore(this.#request, query.refId, stream);
      this.#sources.push({ query: parsed, stream, before, backfill: this.#joinBackfill(parsed, stream) });
    } catch (error) {
      this.#parseErrors.push({ refId: query.refId, message: messageOf(error) });
    }
  }

  #joinBackfill(parsed: ParsedQuery, stream: SharedStream): Source['backfill'] {
    const { backfill: choice, patterns, spec: mapping, pivot } = parsed;
    const { dataSources } = this.#deps;
    if (choice === undefined || dataSources === undefined) {
      return undefined;
    }
    const query = { choice, patterns, mapping, pivot, stream, request: this.#request };
    const backfill = new JoinedBackfill(query, { ...this.#deps, dataSources });
    this.#cleanup.push(() => backfill.leave());
    return backfill;
  }

  #live(): void {
    this.#onChange(() => this.#changed());
    this.#cleanup.push(this.#deps.visibility.onShown(() => this.#connection?.scheduler.add(() => this.#emit())));
    this.#responseTimer.start(hasRows(this.#sources) ? 0 : FIRST_RESPONSE_MS);
  }

  /** One response for everything that a batch changes: when the task runs, all streams have the rows of the batch. */
  #changed(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#connection?.scheduler.add(() => {
        this.#scheduled = false;
        this.#show();
      });
    }
  }

  /** Shows new rows: now if the last response is a tick ago, or else at the end of the tick. */
  #show(): void {
    if (this.#ended) {
      return; // between the batch and its work
    }
    if (this.#isHidden) {
      this.#setTick(HEARTBEAT_MS);
      return;
    }
    const rate = !this.#emitted && hasRows(this.#sources) ? 'first' : this.#isSlow ? 'slow' : undefined;
    const due = this.#responseTimer.request(rate);
    // The first rows wait for no tick, so what comes before them does not either
    if (due !== undefined && this.#responseTimer.isShortest && (this.#emitted || hasRows(this.#sources))) {
      this.#connection?.flowControl.deferAckUntil(due);
    }
  }

  /** Whether so little has come since the last response that it can be shown at once. */
  get #isSlow(): boolean {
    return this.#messages - this.#shown <= FEW_MESSAGES && drawBudget.mayRespond();
  }

  /** Messages of all queries so far. */
  get #messages(): number {
    return this.#sources.reduce((sum, { stream }) => sum + stream.stats.messages, 0);
  }

  #tick(): void {
    this.#emit();
    this.#findNearest();
  }

  /** Nobody sees a hidden page: rows are stored, and shown as soon as the page is visible again. */
  get #isHidden(): boolean {
    return this.#emitted && this.#deps.visibility.hidden();
  }

  get #editing(): Editing | undefined {
    return this.#deps.editing?.() === true ? editingPart() : undefined;
  }

  #findNearest(): void {
    const { topicRoot = '#', visibility } = this.#deps;
    const editing = this.#editing;
    if (this.#connection === undefined || editing === undefined || visibility.hidden()) {
      return;
    }
    const now = this.#deps.now();
    for (const { stream } of this.#sources) {
      if (isSilent(stream, this.#connection.status, now) && stream.stats.ignoredMessages === 0) {
        void editing.findNearestTopics(this.#connection, stream, topicRoot, now);
      }
    }
  }

  #emit(): void {
    if (this.#ended || this.#isHidden) {
      return;
    }
    this.#emitted = true;
    this.#shown = this.#messages;
    drawBudget.spend(() => this.#subscriber.next(this.#response(LoadingState.Streaming)));
    this.#requestCredentials();
    this.#responseTimer.restart();
    this.#setTick(this.#responseTimer.tickMs);
  }

  #requestCredentials(): void {
    const status = this.#connection?.status;
    if (status !== undefined && 'error' in status && status.error?.code === 'credentials') {
      this.#deps.onCredentialsMissing?.();
    }
  }

  /** A snapshot of a panel that follows the clock: with what comes soon, where there is nothing yet. */
  #snapshot(): void {
    const deadline = performance.now() + SNAPSHOT_MS;
    this.#finishWhen(() => (hasRows(this.#sources) || performance.now() >= deadline) && this.#hasPast(), SNAPSHOT_MS);
  }

  /** A range that has ended: shows what there is, and completes when a historian has sent the rest. */
  #finishWithPast(): void {
    this.#finishWhen(() => this.#hasPast(), 0);
    if (!this.#hasPast()) {
      this.#showLoading();
      this.#onChange(() => this.#showLoading());
    }
  }

  /** Older rows are shown as they come. */
  #showLoading(): void {
    if (hasRows(this.#sources) && !this.#hasPast()) {
      this.#loading ??= setTimeout(() => {
        this.#loading = undefined;
        this.#subscriber.next(this.#response(LoadingState.Loading));
      }, FIRST_RESPONSE_MS);
    }
  }

  #finishWhen(isDone: () => boolean, waitMs: number): void {
    const finish = (): void => this.#finish();
    if (isDone()) {
      this.#at(0, finish);
      return;
    }
    const late = (): void => {
      this.#isPastLate = true;
      check();
    };
    let progress = this.#progress;
    const check = (): void => {
      if (isDone()) {
        this.#at(0, finish);
      } else if (this.#progress > progress) {
        // A historian that sends is not late
        progress = this.#progress;
        this.#at(PAST_MS, late);
      }
    };
    this.#at(waitMs, () => {
      this.#at(PAST_MS, late);
      check();
    });
    this.#onChange(check);
  }

  #onChange(listener: () => void): void {
    this.#cleanup.push(onLines(this.#sources, listener));
    for (const { stream, backfill } of this.#sources) {
      this.#cleanup.push(stream.onChange(listener));
      if (backfill !== undefined) {
        this.#cleanup.push(backfill.onChange(listener));
      }
    }
  }

  /** Of all streams together. */
  get #progress(): number {
    const progressOf = ({ past }: SharedStream): number => (past.state === 'requesting' ? (past.progress ?? 0) : 0);
    return this.#sources.reduce((sum, { stream }) => sum + progressOf(stream), 0);
  }

  /** Whether nothing of the past is on its way: a historian has responded, or there is no way to send it a request now. */
  #hasPast(): boolean {
    const { status } = this.#connection ?? {};
    const hasFailed = status !== undefined && 'error' in status && status.error !== undefined;
    return (
      // Another data source has its own timeout.
      this.#sources.every(({ backfill }) => backfill?.isLoading !== true) &&
      !waitsForLines(this.#sources) &&
      (hasFailed || this.#isPastLate || this.#sources.every(({ stream }) => stream.past.state !== 'requesting'))
    );
  }

  #finish(): void {
    this.#requestCredentials();
    clearTimeout(this.#loading);
    this.#subscriber.next(this.#response(LoadingState.Done));
    this.#subscriber.complete();
  }

  #at(delay: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }

  #response(state: LoadingState): DataQueryResponse {
    const response = makeResponse(
      {
        request: this.#request,
        sources: this.#sources,
        parseErrors: this.#parseErrors,
        connection: this.#connection,
        announced: this.#announced?.values.lookup,
        editing: this.#editing,
        now: this.#deps.now(),
      },
      state
    );
    this.#hasFailed = response.state === LoadingState.Error;
    return response;
  }
}
