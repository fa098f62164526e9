import type { Aedes, Client } from 'aedes';
import { getOrSet } from '../../src/utils/get-or-set';
import type { ReportError } from '../errors';
import type { Limits } from '../limits';
import { originOf } from '../transport/origin';

export type LimitsPerClient = Pick<Limits, 'subscriptionsPerClient' | 'subscriptionBytesPerClient'>;

/** The filters of one client. */
interface Own {
  filters: Set<string>;
  bytes: number;
  /** Whether the limit was reported. */
  full: boolean;
}

/** Limits the filters of each client, in number and in bytes. */
export class SubscriptionLimits {
  /** Subscriptions that were refused because of a limit. */
  refused = 0;
  readonly #limits: LimitsPerClient;
  readonly #report: ReportError;
  readonly #byClient = new WeakMap<Client, Own>();

  constructor(limits: LimitsPerClient, report: ReportError) {
    this.#limits = limits;
    this.#report = report;
  }

  /** Subtracts the filters that clients unsubscribe from. */
  follow(aedes: Aedes): void {
    aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) {
        this.remove(client, filter);
      }
    });
  }

  /**
   * Counts a filter before it is authorized: a hook may take a while, and more filters may arrive meanwhile.
   *
   * @returns `new` for a further filter, `known` for a repeated one, and `full` for one above the limit
   */
  add(client: Client, filter: string): 'new' | 'known' | 'full' {
    const own = this.#of(client);
    if (own.filters.has(filter)) {
      return 'known';
    }
    const { subscriptionsPerClient, subscriptionBytesPerClient } = this.#limits;
    const bytes = Buffer.byteLength(filter);
    if (own.filters.size >= subscriptionsPerClient || own.bytes + bytes > subscriptionBytesPerClient) {
      this.refused += 1;
      if (!own.full) {
        own.full = true;
        this.#report(
          new Error(
            `Not subscribed: ${filter.slice(0, 80)}. The client has ${own.filters.size} filters of ${own.bytes} bytes, ` +
              `and the limits are ${subscriptionsPerClient} filters and ${subscriptionBytesPerClient} bytes`
          ),
          originOf(client)
        );
      }
      return 'full';
    }
    own.filters.add(filter);
    own.bytes += bytes;
    return 'new';
  }

  remove(client: Client, filter: string): void {
    const own = this.#byClient.get(client);
    if (own?.filters.delete(filter)) {
      own.bytes -= Buffer.byteLength(filter);
      own.full = false;
    }
  }

  #of(client: Client): Own {
    return getOrSet(this.#byClient, client, () => ({ filters: new Set(), bytes: 0, full: false }));
  }
}
