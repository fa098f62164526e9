import type { PastStatus } from '../protocol';
import type { HistorianClient } from './historian-client';
import type { StoredMessage } from './message-segment';
import { type Span, Spans } from './spans';

export interface PastEvents {
  /** The historian has answered. */
  onMessages(messages: readonly StoredMessage[]): void;
  onStatus(streams: readonly number[], status: PastStatus): void;
}

/** Filters of one request, by the protocol. */
const MAX_FILTERS = 20;

/** What is asked within this time goes into one request, in milliseconds: a dashboard opens its panels together. */
const COLLECT_MS = 20;

/** A panel that moves with the clock asks for less than this again and again, in milliseconds. */
const SHORTEST_MS = 1_000;

/** Which spans of which filters the historian was asked for, so that nothing is asked for twice. */
export class PastRequests {
  readonly #client: HistorianClient;
  readonly #events: PastEvents;
  readonly #asked = new Map<string, Spans>();
  /** What is asked for next, and the streams that wait for it. */
  #due: Array<{ readonly stream: number; readonly filter: string; readonly span: Span }> = [];
  #isStarted = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Requests under way, with their streams. */
  readonly #underWay = new Set<{ readonly filters: readonly string[]; readonly streams: Set<number> }>();

  constructor(client: HistorianClient, events: PastEvents) {
    this.#client = client;
    this.#events = events;
  }

  /** A stream needs a span; answers with a status, at once where nothing is missing. */
  request(stream: number, filters: readonly string[], span: Span): void {
    let isWaiting = false;
    for (const filter of filters) {
      const asked = this.#asked.get(filter) ?? new Spans();
      this.#asked.set(filter, asked);
      const missing = asked.missing(span);
      if (missing !== undefined && missing.to - missing.from >= SHORTEST_MS) {
        asked.add(missing);
        this.#due.push({ stream, filter, span: missing });
        this.#schedule();
        isWaiting = true;
      } else {
        isWaiting = this.#join(stream, filter) || isWaiting;
      }
    }
    this.#events.onStatus([stream], { state: isWaiting ? 'asking' : 'done' });
  }

  /** There is a connection: what was asked for before it is sent now. */
  start(): void {
    this.#isStarted = true;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#client.stop();
  }

  /** What came in this span was lost: it is asked for again. */
  lost(span: Span, streams: ReadonlyMap<number, readonly string[]>): void {
    for (const spans of this.#asked.values()) {
      spans.remove(span);
    }
    for (const [stream, filters] of streams) {
      const open = filters.filter((filter) => this.#asked.has(filter));
      if (open.length > 0) {
        this.request(stream, open, span);
      }
    }
  }

  /** @returns whether the filter is being asked for already: the stream waits too. */
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
        void this.#ask(all.slice(at, at + MAX_FILTERS), streams, span);
      }
    }
  }

  async #ask(filters: readonly string[], streams: Set<number>, span: Span): Promise<void> {
    const request = { filters, streams };
    this.#underWay.add(request);
    const answer = await this.#client.ask(filters, span);
    this.#underWay.delete(request);
    if (answer.state === 'answered') {
      this.#events.onMessages(answer.messages);
      this.#events.onStatus([...streams], { state: 'done', ...(answer.truncated ? { truncated: true } : undefined) });
    } else {
      if (answer.state === 'failed') {
        // Asked again when a panel needs it the next time.
        for (const filter of filters) {
          this.#asked.get(filter)?.remove(span);
        }
      }
      this.#events.onStatus(
        [...streams],
        answer.state === 'failed' ? { state: 'failed', reason: answer.reason } : { state: 'done' }
      );
    }
  }
}
