import { covers } from '../../topics';
import type { Stream } from '../stream';
import { type Births, birthFiltersOfStream, MAX_BIRTH_BYTES, MAX_BIRTHS, newestWithin } from './births';
import type { HistorianClient } from './historian-client';
import { inRequests } from './history-request';
import type { StoredMessage } from './message-segment';
import type { Span } from './spans';

/** Births of one topic in a range whose other messages the query matches, but not these. */
const MAX_REBIRTHS = 100;

export interface BirthDeps {
  readonly client: Pick<HistorianClient, 'request'>;
  readonly births: Births;
  streams(): Iterable<Stream>;
  /** When the oldest message came that was stored over a reload, in milliseconds since 1970. */
  oldestRestored(): number | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * Requests the births that a range of Sparkplug messages is read by. Data has numbers in place of names, and a birth
 * before the range says what these mean: the historian is asked for the last one of each topic.
 */
export class BirthRequests {
  readonly #deps: BirthDeps;

  constructor(deps: BirthDeps) {
    this.#deps = deps;
  }

  /**
   * To be called before the messages of the span are requested.
   *
   * @param filters of the request for the messages.
   * @returns whether births have come that were not known. Never rejects.
   */
  async request(filters: readonly string[], { from, to }: Span): Promise<boolean> {
    const births = this.#filtersOf(filters);
    if (births.length === 0) {
      return false;
    }
    const oldest = this.#deps.oldestRestored() ?? Infinity;
    // What was restored may have lost its births, and is followed by a time of which nothing is known
    const begins = oldest < from ? [from, oldest] : [from];
    const unmatched = births.filter((birth) => !filters.some((filter) => covers(filter, birth)));
    const results = await Promise.all([
      ...begins.map((begin) => this.#send(births, { from: 0, to: begin - 1 }, 1)),
      this.#send(unmatched, { from, to: Math.min(to, this.#deps.now()) }, MAX_REBIRTHS),
    ]);
    return results.includes(true);
  }

  /** The births of those filters that a stream reads as Sparkplug. */
  #filtersOf(filters: readonly string[]): string[] {
    const births = new Set<string>();
    for (const stream of this.#deps.streams()) {
      if (stream.spec.filters.some((filter) => filters.includes(filter))) {
        birthFiltersOfStream(stream).forEach((filter) => births.add(filter));
      }
    }
    return [...births].filter((one) => ![...births].some((other) => other !== one && covers(other, one)));
  }

  async #send(filters: readonly string[], span: Span, limit: number): Promise<boolean> {
    if (filters.length === 0 || span.to < span.from) {
      return false;
    }
    const found = await Promise.all(inRequests(filters).map((group) => this.#receive(group, span, limit)));
    return this.#deps.births.add(newestWithin(found.flat()));
  }

  /** The newest births, which come first, up to the limits. */
  async #receive(filters: readonly string[], span: Span, limit: number): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    let bytes = 0;
    const { result, cancel } = this.#deps.client.request(
      filters,
      span,
      ({ messages }) => {
        found.push(...messages);
        bytes += messages.reduce((sum, { payload }) => sum + payload.length, 0);
        if (found.length > MAX_BIRTHS || bytes > MAX_BIRTH_BYTES) {
          cancel();
        }
      },
      limit
    );
    await result;
    return found;
  }
}
