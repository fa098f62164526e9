import type { PastStatus } from '../protocol';
import { getOrSet } from '../../utils/get-or-set';

type Part = 'requests' | 'evicted';

/** One status for each stream of what is requested in two ways: it has all of the past when both have ended. */
export class PastStatuses {
  readonly #post: (streams: readonly number[], status: PastStatus) => void;
  readonly #statuses = new Map<number, Map<Part, PastStatus>>();

  constructor(post: (streams: readonly number[], status: PastStatus) => void) {
    this.#post = post;
  }

  set(streams: readonly number[], part: Part, status: PastStatus): void {
    const alike: number[] = [];
    for (const stream of streams) {
      const own = this.#statuses.get(stream);
      own?.set(part, status);
      const other = own?.get(part === 'evicted' ? 'requests' : 'evicted');
      const isOtherFirst = other !== undefined && rank(other) > rank(status);
      if (isOtherFirst) {
        this.#post([stream], other);
      } else {
        alike.push(stream);
      }
    }
    if (alike.length > 0) {
      this.#post(alike, status);
    }
  }

  open(stream: number): void {
    getOrSet(this.#statuses, stream, () => new Map());
  }

  close(stream: number): void {
    this.#statuses.delete(stream);
  }
}

/** What is under way comes before what has failed, and that before what there is not all of. */
function rank(status: PastStatus): number {
  switch (status.state) {
    case 'requesting':
      return 3;
    case 'failed':
      return 2;
    default:
      return Object.keys(status).length > 1 ? 1 : 0;
  }
}
