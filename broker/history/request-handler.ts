import { answerParts } from './response';
import { overlaps } from '../auth/filters';
import { quote } from '../topic';
import { AskError, errorMessage, parseRequest, type Ask } from './protocol';
import type { HistoryStore } from './store';

/** Asks of one client that may wait or be answered at a time. */
export const ASKS_PER_CLIENT = 32;
/** Asks of all clients. */
export const ASKS_IN_ALL = 1_000;

/** A client that asks. */
export interface Reader {
  /** What it would be granted that subscribed to a filter: that one, a narrower one, or none. */
  grantedFilter(filter: string): Promise<string | undefined>;
  mayRead(topic: string): boolean;
  /** Resolves when there is room for more; to false when the client is gone. */
  send(topic: string, message: string): Promise<boolean>;
}

interface Job {
  readonly ask: Ask;
  readonly reader: Reader;
  readonly answer: string;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  cancelled: boolean;
}

/**
 * Answers asks from a store: those of one client one after the other, each part when there is room for it, those of
 * different clients side by side.
 */
export class Historian {
  readonly #store: HistoryStore;
  readonly #filters: readonly string[];
  readonly #now: () => number;
  readonly #onFault: (error: Error) => void;
  /** What each client asked, by where it is answered, in order; the first is being answered. */
  readonly #jobs = new Map<object | string, Map<string, Job>>();
  #open = 0;
  #closed = false;
  /** Asks that were taken up since the start. */
  asks = 0;

  /**
   * @param filters of what is kept
   * @param now milliseconds since 1970
   */
  constructor(store: HistoryStore, filters: readonly string[], now: () => number, onFault: (error: Error) => void) {
    this.#store = store;
    this.#filters = filters;
    this.#now = now;
    this.#onFault = onFault;
  }

  /** Asks that wait or are being answered. */
  get open(): number {
    return this.#open;
  }

  /**
   * Takes what came on the topic of an ask.
   *
   * @param client what is the same for all asks of a client: its connection, or its id
   * @param answer the topic of the answer, which names the ask: one with the same takes its place
   */
  take(client: object | string, reader: Reader, answer: string, payload: Uint8Array): void {
    try {
      const jobs = this.#jobs.get(client);
      const earlier = jobs?.get(answer);
      if (!earlier && ((jobs?.size ?? 0) >= ASKS_PER_CLIENT || this.#open >= ASKS_IN_ALL)) {
        throw new AskError(
          'too-many-requests',
          `At most ${ASKS_PER_CLIENT} asks of a client and ${ASKS_IN_ALL} of all are open at a time: wait for answers`
        );
      }
      const request = parseRequest(payload);
      if (earlier) {
        earlier.cancelled = true;
      }
      if (request !== 'cancel') {
        this.#requireKept(request);
        this.#add(client, { ask: request, reader, answer, askedAt: this.#now(), cancelled: false });
      }
    } catch (error) {
      this.#fail(reader, answer, error);
    }
  }

  /** No more is said from now on. */
  close(): void {
    this.#closed = true;
  }

  #requireKept({ filters }: Ask): void {
    if (!filters.some((filter) => this.#filters.some((kept) => overlaps(kept, filter)))) {
      const kept = this.#filters.map(quote).join(', ').slice(0, 200);
      throw new AskError(
        'not-recorded',
        `Nothing of ${filters.map(quote).join(', ').slice(0, 200)} is kept, but ${kept}`
      );
    }
  }

  #add(client: object | string, job: Job): void {
    this.asks += 1;
    const jobs = this.#jobs.get(client);
    if (jobs) {
      const before = jobs.size;
      // Behind those that wait, also where it takes the place of one
      jobs.delete(job.answer);
      jobs.set(job.answer, job);
      this.#open += jobs.size - before;
      return;
    }
    const own = new Map([[job.answer, job]]);
    this.#jobs.set(client, own);
    this.#open += 1;
    void this.#run(client, own);
  }

  async #run(client: object | string, jobs: Map<string, Job>): Promise<void> {
    for (const job of jobs.values()) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const there = await this.#answer(job);
      if (jobs.get(job.answer) === job) {
        jobs.delete(job.answer);
        this.#open -= 1;
      }
      if (!there || this.#closed) {
        break;
      }
    }
    this.#open -= jobs.size;
    this.#jobs.delete(client);
  }

  /** Resolves to false when the client is gone. */
  async #answer(job: Job): Promise<boolean> {
    const { ask, reader, answer, askedAt } = job;
    try {
      const granted = { ...ask, filters: await grantedFilters(ask, reader) };
      for (const part of answerParts(this.#store, granted, (topic) => reader.mayRead(topic), askedAt)) {
        if (job.cancelled || this.#closed) {
          return true;
        }
        if (part === undefined) {
          // oxlint-disable-next-line no-await-in-loop -- the others' turn
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          // oxlint-disable-next-line no-await-in-loop -- no faster than the client takes it
        } else if (!(await reader.send(answer, part))) {
          return false;
        }
      }
    } catch (error) {
      this.#fail(reader, answer, error);
    }
    return true;
  }

  #fail(reader: Reader, answer: string, error: unknown): void {
    let said = error;
    if (!(error instanceof AskError)) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#onFault(new Error(`An ask for history was not answered: ${fault.message}`, { cause: error }));
      said = new AskError('internal-error', 'The historian failed; its log says why');
    }
    // Gone or not, there is nothing more to say
    reader.send(answer, errorMessage(said as AskError)).catch(() => {});
  }
}

/** @throws AskError `not-authorized` naming the filter */
async function grantedFilters({ filters }: Ask, reader: Reader): Promise<string[]> {
  const granted: string[] = [];
  for (const filter of filters) {
    // oxlint-disable-next-line no-await-in-loop -- the first that is refused ends it
    const found = await reader.grantedFilter(filter);
    if (found === undefined) {
      throw new AskError(
        'not-authorized',
        `You may not subscribe to ${quote(filter)}, so you are not told its history`
      );
    }
    granted.push(found);
  }
  return granted;
}
