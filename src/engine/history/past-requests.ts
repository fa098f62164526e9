import type { PastStatus } from '../protocol';
import type { HistorianClient, HistoryAnswer, OnPart } from './historian-client';
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
  readonly #underWay = new Set<UnderWay>();

  constructor(client: HistorianClient, events: PastEvents) {
    this.#client = client;
    this.#events = events;
  }

  /** A stream needs a span; answers with a status, at once where nothing is missing. */
  request(stream: number, filters: readonly string[], span: Span): void {
    let isWaiting = false;
    this.#release(stream, (each) => each.span.to < span.from || each.span.from > span.to);
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

  /** A stream has closed: what is asked for it alone is cancelled. */
  close(stream: number): void {
    for (const due of this.#due.filter((each) => each.stream === stream)) {
      this.#asked.get(due.filter)?.remove(due.span);
    }
    this.#due = this.#due.filter((each) => each.stream !== stream);
    this.#release(stream, () => true);
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
        void this.#ask(all.slice(at, at + MAX_FILTERS), new Set(streams), span);
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

  async #ask(filters: readonly string[], streams: Set<number>, span: Span): Promise<void> {
    const receiver = this.#events.receive(filters, span, (progress) =>
      this.#events.onStatus([...streams], { state: 'asking', progress })
    );
    let oldest = span.to;
    const { answer, cancel } = this.#client.ask(filters, span, (part, mark, isLast) => {
      oldest = Math.min(oldest, part.messages.at(0)?.time ?? Infinity);
      receiver.onPart(part, mark, isLast);
    });
    const request = { filters, streams, span, cancel };
    this.#underWay.add(request);
    const answered = await answer;
    const hasAll = await receiver.end();
    this.#underWay.delete(request);
    if (answered.state === 'failed' || answered.state === 'cancelled') {
      // Asked again when a panel needs it the next time.
      for (const filter of filters) {
        this.#asked
          .get(filter)
          ?.remove(hasAll && answered.state === 'cancelled' ? { from: span.from, to: oldest } : span);
      }
    }
    this.#events.onStatus([...streams], statusOf(answered));
  }
}

function statusOf(answer: HistoryAnswer): PastStatus {
  switch (answer.state) {
    case 'answered':
      return {
        state: 'done',
        ...(answer.truncated ? { truncated: true } : undefined),
        ...(answer.userProperties ? undefined : { noUserProperties: true }),
      };
    case 'failed':
      return answer;
    default:
      return { state: 'done' };
  }
}
