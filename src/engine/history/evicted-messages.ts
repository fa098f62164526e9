import type { Stream } from '../stream';
import { type EvictedDeps, EvictedRequests } from './evicted-requests';
import type { StoredMessage } from './message-segment';
import type { Span } from './spans';

/**
 * Requests again what the tab had evicted, or had refused to store, before a stream opened: a changed query reads the
 * record, and what is not there any more is known to the historian alone. Only the stream gets it: others have it, and
 * the record has no room.
 */
export class EvictedMessages {
  readonly #deps: EvictedDeps;
  readonly #requests = new Set<EvictedRequests>();
  #isStarted = false;

  constructor(deps: EvictedDeps) {
    this.#deps = deps;
  }

  /** A stream needs a span. */
  request(stream: Stream, span: Span): void {
    const { lost, spec } = stream;
    if (!stream.takesPast || typeof lost !== 'object') {
      return;
    }
    let requests = [...this.#requests].find((own) => own.streams.has(stream) || own.mayTake(stream));
    if (requests === undefined) {
      requests = new EvictedRequests(spec.filters, lost, this.#deps);
      this.#requests.add(requests);
      if (this.#isStarted) {
        requests.past.start();
      }
    }
    requests.request(stream, span);
  }

  /** Whether a stream gets a message of the past from here. */
  bring(stream: Stream, message: StoredMessage): boolean {
    for (const requests of this.#requests) {
      if (requests.streams.has(stream)) {
        return requests.bring(message);
      }
    }
    return false;
  }

  close(stream: number): void {
    for (const requests of this.#requests) {
      if (requests.close(stream)) {
        this.#requests.delete(requests);
      }
    }
  }

  start(): void {
    this.#isStarted = true;
    for (const { past } of this.#requests) {
      past.start();
    }
  }

  lookAgain(): void {
    for (const { past } of this.#requests) {
      past.lookAgain();
    }
  }

  resume(): void {
    for (const { feeds } of this.#requests) {
      feeds.forEach((feed) => feed.resume());
    }
  }

  stop(): void {
    this.#requests.forEach((requests) => requests.stop());
    this.#requests.clear();
  }
}
