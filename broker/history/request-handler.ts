import { responseParts } from './response';
import { overlaps } from '../auth/filters';
import { quote } from '../topic';
import { RequestError, errorResponse, parseRequest, type HistoryRequest } from './protocol';
import type { HistoryStore } from './store';

/** Asks of one client that may wait or be answered at a time. */
export const MAX_REQUESTS_PER_CLIENT = 32;
/** Asks of all clients. */
export const MAX_REQUESTS = 1_000;

/** A client that asks. */
export interface Requester {
  /** What it would be granted that subscribed to a filter: that one, a narrower one, or none. */
  grantedFilter(filter: string): Promise<string | undefined>;
  mayRead(topic: string): boolean;
  /** Resolves when there is room for more; to false when the client is gone. */
  send(topic: string, message: string): Promise<boolean>;
}

interface Job {
  readonly request: HistoryRequest;
  readonly requester: Requester;
  readonly responseTopic: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  cancelled: boolean;
}

/**
 * Answers asks from a store: those of one client one after the other, each part when there is room for it, those of
 * different clients side by side.
 */
export class RequestHandler {
  readonly #store: HistoryStore;
  readonly #filters: readonly string[];
  readonly #now: () => number;
  readonly #onFault: (error: Error) => void;
  /** What each client asked, by where it is answered, in order; the first is being answered. */
  readonly #jobs = new Map<object | string, Map<string, Job>>();
  #open = 0;
  #closed = false;
  /** Asks that were taken up since the start. */
  requests = 0;

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
  handle(client: object | string, reader: Requester, answer: string, payload: Uint8Array): void {
    try {
      const jobs = this.#jobs.get(client);
      const earlier = jobs?.get(answer);
      if (!earlier && ((jobs?.size ?? 0) >= MAX_REQUESTS_PER_CLIENT || this.#open >= MAX_REQUESTS)) {
        throw new RequestError(
          'too-many-requests',
          `At most ${MAX_REQUESTS_PER_CLIENT} asks of a client and ${MAX_REQUESTS} of all are open at a time: wait for answers`
        );
      }
      const request = parseRequest(payload);
      if (earlier) {
        earlier.cancelled = true;
      }
      if (request !== 'cancel') {
        this.#requireKept(request);
        this.#add(client, {
          request,
          requester: reader,
          responseTopic: answer,
          receivedAt: this.#now(),
          cancelled: false,
        });
      }
    } catch (error) {
      this.#fail(reader, answer, error);
    }
  }

  /** No more is said from now on. */
  close(): void {
    this.#closed = true;
  }

  #requireKept({ filters }: HistoryRequest): void {
    if (!filters.some((filter) => this.#filters.some((kept) => overlaps(kept, filter)))) {
      const kept = this.#filters.map(quote).join(', ').slice(0, 200);
      throw new RequestError(
        'not-recorded',
        `Nothing of ${filters.map(quote).join(', ').slice(0, 200)} is kept, but ${kept}`
      );
    }
  }

  #add(client: object | string, job: Job): void {
    this.requests += 1;
    const jobs = this.#jobs.get(client);
    if (jobs) {
      const before = jobs.size;
      // Behind those that wait, also where it takes the place of one
      jobs.delete(job.responseTopic);
      jobs.set(job.responseTopic, job);
      this.#open += jobs.size - before;
      return;
    }
    const own = new Map([[job.responseTopic, job]]);
    this.#jobs.set(client, own);
    this.#open += 1;
    void this.#run(client, own);
  }

  async #run(client: object | string, jobs: Map<string, Job>): Promise<void> {
    for (const job of jobs.values()) {
      const there = await this.#answer(job);
      if (jobs.get(job.responseTopic) === job) {
        jobs.delete(job.responseTopic);
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
    const { request: ask, requester: reader, responseTopic: answer, receivedAt: askedAt } = job;
    try {
      const granted = { ...ask, filters: await grantedFilters(ask, reader) };
      for (const part of responseParts(this.#store, granted, (topic) => reader.mayRead(topic), askedAt)) {
        if (job.cancelled || this.#closed) {
          return true;
        }
        if (part === undefined) {
          // Other requests and messages get their turn.
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          // No faster than the client reads.
        } else if (!(await reader.send(answer, part))) {
          return false;
        }
      }
    } catch (error) {
      this.#fail(reader, answer, error);
    }
    return true;
  }

  #fail(reader: Requester, answer: string, error: unknown): void {
    let said = error;
    if (!(error instanceof RequestError)) {
      const fault = error instanceof Error ? error : new Error(String(error));
      this.#onFault(new Error(`An ask for history was not answered: ${fault.message}`, { cause: error }));
      said = new RequestError('internal-error', 'The historian failed; its log says why');
    }
    // Gone or not, there is nothing more to say
    reader.send(answer, errorResponse(said as RequestError)).catch(() => {});
  }
}

/** @throws AskError `not-authorized` naming the filter */
async function grantedFilters({ filters }: HistoryRequest, reader: Requester): Promise<string[]> {
  const granted: string[] = [];
  for (const filter of filters) {
    // The first refusal ends the loop.
    const found = await reader.grantedFilter(filter);
    if (found === undefined) {
      throw new RequestError(
        'not-authorized',
        `You may not subscribe to ${quote(filter)}, so you are not told its history`
      );
    }
    granted.push(found);
  }
  return granted;
}
