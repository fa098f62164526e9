import { getOrSet } from '../../utils/get-or-set';
import type { PastStatus } from '../protocol';
import type { HistorianClient, HistoryResult, OnPart } from './historian-client';
import { type Span, Spans } from './spans';

/** Takes the parts of one response. */
export interface PastReceiver {
  readonly onPart: OnPart;
  /** Resolves when what has come is shown and recorded, to whether that is all of it. Never rejects. */
  end(): Promise<boolean>;
}

export interface PastEvents {
  /** A request begins. @param onProgress called with how much of the response is shown, 0 to 1. */
  receive(filters: readonly string[], span: Span, onProgress: (progress: number) => void): PastReceiver;
  onStatus(streams: readonly number[], status: PastStatus): void;
}

interface UnderWay {
  readonly filters: readonly string[];
  readonly streams: Set<number>;
  readonly span: Span;
  readonly cancel: () => void;
}

/** Filters of one request, by the protocol. */
const MAX_FILTERS = 20;

/** What streams request within this time goes into one request, in milliseconds: a dashboard opens its panels together. */
const COLLECT_MS = 20;

/** A panel that moves with the clock needs less than this again and again, in milliseconds. */
const SHORTEST_MS = 1_000;

/** Which spans of which filters were requested from the historian, so that no span is requested twice. */
export class PastRequests {
  readonly #client: HistorianClient;
  readonly #events: PastEvents;
  readonly #requested = new Map<string, Spans>();
  /** What is requested next, and the streams that wait for it. */
  #due: Array<{ readonly stream: number; readonly filter: string; readonly span: Span }> = [];
  #isStarted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Requests under way, with their streams. */
  readonly #underWay = new Set<UnderWay>();

  constructor(client: HistorianClient, events: PastEvents) {
    this.#client = client;
    this.#events = events;
  }

  /** A stream needs a span; reports a status, at once if nothing is missing. */
  request(stream: number, filters: readonly string[], span: Span): void {
    let isWaiting = false;
    this.#release(stream, (each) => each.span.to < span.from || each.span.from > span.to);
    for (const filter of filters) {
      const requested = getOrSet(this.#requested, filter, () => new Spans());
      const missing = requested.missing(span);
      if (missing !== undefined && missing.to - missing.from >= SHORTEST_MS) {
        requested.add(missing);
        this.#due.push({ stream, filter, span: missing });
        this.#schedule();
        isWaiting = true;
      } else {
        isWaiting = this.#join(stream, filter) || isWaiting;
      }
    }
    this.#events.onStatus([stream], { state: isWaiting ? 'requesting' : 'done' });
  }

  /** A stream has closed: requests that only this stream needs are cancelled. */
  close(stream: number): void {
    for (const due of this.#due.filter((each) => each.stream === stream)) {
      this.#requested.get(due.filter)?.remove(due.span);
    }
    this.#due = this.#due.filter((each) => each.stream !== stream);
    this.#release(stream, () => true);
  }

  /** There is a connection: requests that waited for it are sent now. */
  start(): void {
    this.#isStarted = true;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#client.stop();
  }

  /** Messages of this span were lost: the span is requested again. */
  lost(span: Span, streams: ReadonlyMap<number, readonly string[]>): void {
    for (const spans of this.#requested.values()) {
      spans.remove(span);
    }
    for (const [stream, filters] of streams) {
      const open = filters.filter((filter) => this.#requested.has(filter));
      if (open.length > 0) {
        this.request(stream, open, span);
      }
    }
  }

  /** @returns whether a request for the filter is open or due: the stream waits for it, too. */
  #join(stream: number, filter: string): boolean {
    const due = this.#due.find((each) => each.filter === filter);
    if (due !== undefined) {
      this.#due.push({ ...due, stream });
      return true;
    }
    let isUnderWay = false;
    for (const { filters, streams } of this.#underWay) {
      if (filters.includes(filter)) {
        streams.add(stream);
        isUnderWay = true;
      }
    }
    return isUnderWay;
  }

  #schedule(): void {
    if (this.#isStarted && this.#due.length > 0) {
      this.#timer ??= setTimeout(() => this.#send(), COLLECT_MS);
    }
  }

  #send(): void {
    this.#timer = undefined;
    // Filters of one span go together.
    const bySpan = new Map<string, { span: Span; filters: Set<string>; streams: Set<number> }>();
    for (const { stream, filter, span } of this.#due) {
      // Panels that follow the clock begin a few milliseconds apart.
      const key = `${Math.round(span.from / 1_000)} ${span.to === Infinity ? '' : Math.round(span.to / 1_000)}`;
      const group = bySpan.get(key) ?? { span, filters: new Set(), streams: new Set() };
      bySpan.set(key, {
        span: { from: Math.min(group.span.from, span.from), to: Math.max(group.span.to, span.to) },
        filters: group.filters.add(filter),
        streams: group.streams.add(stream),
      });
    }
    this.#due = [];
    for (const { span, filters, streams } of bySpan.values()) {
      const all = [...filters];
      for (let at = 0; at < all.length; at += MAX_FILTERS) {
        void this.#sendRequest(all.slice(at, at + MAX_FILTERS), new Set(streams), span);
      }
    }
  }

  #release(stream: number, isUnwanted: (request: UnderWay) => boolean): void {
    for (const request of this.#underWay) {
      if (isUnwanted(request) && request.streams.delete(stream) && request.streams.size === 0) {
        request.cancel();
      }
    }
  }

  async #sendRequest(filters: readonly string[], streams: Set<number>, span: Span): Promise<void> {
    const receiver = this.#events.receive(filters, span, (progress) =>
      this.#events.onStatus([...streams], { state: 'requesting', progress })
    );
    let oldest = span.to;
    const { result, cancel } = this.#client.request(filters, span, (part, mark, isLast) => {
      oldest = Math.min(oldest, part.messages.at(0)?.time ?? Infinity);
      receiver.onPart(part, mark, isLast);
    });
    const request = { filters, streams, span, cancel };
    this.#underWay.add(request);
    const ended = await result;
    const hasAll = await receiver.end();
    this.#underWay.delete(request);
    if (ended.state === 'failed' || ended.state === 'cancelled') {
      // Requested again when a panel needs it the next time.
      for (const filter of filters) {
        this.#requested
          .get(filter)
          ?.remove(hasAll && ended.state === 'cancelled' ? { from: span.from, to: oldest } : span);
      }
    }
    this.#events.onStatus([...streams], statusOf(ended));
  }
}

function statusOf(result: HistoryResult): PastStatus {
  switch (result.state) {
    case 'done':
      return {
        state: 'done',
        ...(result.truncated ? { truncated: true } : undefined),
        ...(result.userProperties ? undefined : { noUserProperties: true }),
      };
    case 'failed':
      return result;
    default:
      return { state: 'done' };
  }
}
