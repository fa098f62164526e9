import { overlaps } from '../../src/topics';
import { messageOf } from '../../src/utils/errors';
import { quoteName } from '../topic';
import type { Marks } from './marks';
import type { Outages } from './outages';
import { newestFirst } from './newest-first';
import { errorResponse, parseRequest, RequestError, versionOf, type HistoryRequest, type Version } from './protocol';
import { MAX_PART_BYTES, responseParts } from './response';
import { select, type Selection } from './selection';
import type { HistoryStore } from './store';

/** Maximum open requests of a client: queued ones, and the one that is being answered. */
export const MAX_REQUESTS_PER_CLIENT = 32;
/** Maximum open requests of all clients. */
export const MAX_REQUESTS = 1_000;

/** The client that receives a response. */
export interface Requester {
  /** The filter that a subscription to `filter` would be granted: the same, a narrower one, or undefined. */
  grantedFilter(filter: string): Promise<string | undefined>;
  mayRead(topic: string): boolean;
  /** Largest part that it is sent, in bytes. Default: {@link MAX_PART_BYTES} */
  readonly maxPartBytes?: number;
  /** Sends a part. Resolves when there is room for the next one; false when the client has disconnected. */
  send(topic: string, message: string): Promise<boolean>;
}

/** The identity of the historian and of its marks. */
export interface Historian {
  /** Identifies this run: sequences of another run are not comparable. */
  readonly run: string;
  /** See {@link Marks}. */
  readonly marks: Marks;
  readonly outages: Outages;
  /** The topic of the mark of a request. */
  readonly markTopic: (clientId: string, responseTopic: string) => string;
}

interface Job {
  readonly request: HistoryRequest;
  readonly requester: Requester;
  readonly responseTopic: string;
  readonly key: string;
  readonly payload: Buffer;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  cancelled: boolean;
}

/**
 * Answers requests from a store: those of one client in order, each part once there is room for it, those of different
 * clients concurrently.
 */
export class RequestHandler {
  readonly #store: HistoryStore;
  readonly #filters: readonly string[];
  readonly #historian: Historian;
  readonly #now: () => number;
  readonly #onError: (error: Error) => void;
  /** The open requests of each client, by response topic, in order; the first one is being answered. */
  readonly #jobs = new Map<object | string, Map<string, Job>>();
  #open = 0;
  #closed = false;
  /** Requests accepted since the start. */
  requests = 0;

  /**
   * @param filters the recorded filters
   * @param now milliseconds since 1970
   * @param onError receives internal errors, whose text clients do not see
   */
  constructor(
    store: HistoryStore,
    filters: readonly string[],
    historian: Historian,
    now: () => number,
    onError: (error: Error) => void
  ) {
    this.#store = store;
    this.#filters = filters;
    this.#historian = historian;
    this.#now = now;
    this.#onError = onError;
  }

  /** Requests that are queued or being answered. */
  get open(): number {
    return this.#open;
  }

  /**
   * Handles a message on a request topic. A broker may deliver it more than once: the same request again changes nothing
   * while it is open.
   *
   * @param client identifies the client: its connection, or its id
   * @param key names the request: another open request with the same key is cancelled
   */
  handle(
    client: object | string,
    requester: Requester,
    responseTopic: string,
    payload: Uint8Array,
    key = responseTopic
  ): void {
    try {
      const jobs = this.#jobs.get(client);
      const earlier = jobs?.get(key);
      if (!earlier && ((jobs?.size ?? 0) >= MAX_REQUESTS_PER_CLIENT || this.#open >= MAX_REQUESTS)) {
        throw new RequestError(
          'too-many-requests',
          `At most ${MAX_REQUESTS_PER_CLIENT} requests of a client and ${MAX_REQUESTS} of all clients may be open: wait for responses`
        );
      }
      if (earlier?.cancelled === false && earlier.payload.equals(payload)) {
        return;
      }
      const request = parseRequest(payload);
      if (earlier) {
        earlier.cancelled = true;
      }
      if (request !== 'cancel') {
        this.#requireRecorded(request);
        // A copy: the bytes are the transport's
        const copy = Buffer.from(payload);
        const receivedAt = this.#now();
        this.#add(client, { request, requester, responseTopic, key, payload: copy, receivedAt, cancelled: false });
      }
    } catch (error) {
      this.#sendError(requester, responseTopic, error, versionOf(payload));
    }
  }

  /** Stops all responses. */
  close(): void {
    this.#closed = true;
  }

  /** @throws RequestError `not-recorded` when no filter has a topic in common with the recorded ones */
  #requireRecorded({ filters }: HistoryRequest): void {
    if (!filters.some((filter) => this.#filters.some((recorded) => overlaps(recorded, filter)))) {
      throw new RequestError(
        'not-recorded',
        `No recorded topic matches ${listed(filters)}; this historian records ${listed(this.#filters)}`
      );
    }
  }

  #add(client: object | string, job: Job): void {
    this.requests += 1;
    const jobs = this.#jobs.get(client);
    if (jobs) {
      const before = jobs.size;
      // Last in the queue, also where it replaces an earlier request
      jobs.delete(job.key);
      jobs.set(job.key, job);
      this.#open += jobs.size - before;
      return;
    }
    const own = new Map([[job.key, job]]);
    this.#jobs.set(client, own);
    this.#open += 1;
    void this.#run(client, own);
  }

  async #run(client: object | string, jobs: Map<string, Job>): Promise<void> {
    for (const job of jobs.values()) {
      const isConnected = await this.#respond(job);
      if (jobs.get(job.key) === job) {
        jobs.delete(job.key);
        this.#open -= 1;
      }
      if (!isConnected || this.#closed) {
        break;
      }
    }
    this.#open -= jobs.size;
    this.#jobs.delete(client);
  }

  /** Resolves to false when the client has disconnected. */
  async #respond(job: Job): Promise<boolean> {
    const { request, requester, responseTopic, receivedAt } = job;
    try {
      const granted = { ...request, filters: await grantedFilters(request, requester) };
      for (const part of await this.#parts(granted, job, receivedAt)) {
        if (job.cancelled || this.#closed) {
          return true;
        }
        if (part === undefined) {
          // Other clients have their turn
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          // As fast as the client reads
        } else if (!(await requester.send(responseTopic, part))) {
          return false;
        }
      }
    } catch (error) {
      this.#sendError(requester, responseTopic, error, request.v);
    }
    return true;
  }

  async #parts(
    request: HistoryRequest,
    { requester, responseTopic }: Job,
    now: number
  ): Promise<Iterable<string | undefined>> {
    const mayRead = (topic: string): boolean => requester.mayRead(topic);
    const { maxPartBytes = MAX_PART_BYTES } = requester;
    if (request.v === 1) {
      return responseParts(this.#store, request, mayRead, now, maxPartBytes);
    }
    const { run, marks, outages, markTopic } = this.#historian;
    let selection: Selection | undefined;
    if (request.mark !== undefined) {
      await marks.publish(markTopic(request.mark, responseTopic), () => {
        selection = select(this.#store, request, mayRead);
      });
    }
    const mark = selection !== undefined;
    const away = outages.within(request.from, request.to);
    return newestFirst(selection ?? select(this.#store, request, mayRead), { now, run, mark, away }, maxPartBytes);
  }

  #sendError(requester: Requester, responseTopic: string, error: unknown, v: Version): void {
    let shown: RequestError;
    if (error instanceof RequestError) {
      shown = error;
    } else {
      const reason = messageOf(error);
      this.#onError(new Error(`A history request failed: ${reason}`, { cause: error }));
      shown = new RequestError('internal-error', "Internal error; the historian's log has the reason");
    }
    // A client that has disconnected needs no error
    requester.send(responseTopic, errorResponse(shown, v)).catch(() => {});
  }
}

/** @throws RequestError `not-authorized` naming the filter */
async function grantedFilters({ filters }: HistoryRequest, requester: Requester): Promise<string[]> {
  const granted: string[] = [];
  for (const filter of filters) {
    const found = await requester.grantedFilter(filter);
    if (found === undefined) {
      throw new RequestError(
        'not-authorized',
        `This client may not subscribe to ${quoteName(filter)}, so it may not read the history of that filter`
      );
    }
    granted.push(found);
  }
  return granted;
}

function listed(filters: readonly string[]): string {
  return filters.map(quoteName).join(', ').slice(0, 200);
}
