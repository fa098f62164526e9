import type { Subscription } from 'aedes';
import type { Change } from '../disk/journal';
import { encodeJson, keys } from './records';
import { TopicTree } from '../../../src/topics';

/** The subscriptions of persistent sessions: by client, and those above QoS 0 by filter. */
export class Subscriptions {
  readonly #byClient = new Map<string, Map<string, Subscription>>();
  readonly #byFilter = new TopicTree<Map<string, Subscription>>();
  #queuing = 0;

  /** Adds or replaces; returns what has to be written down. */
  add(clientId: string, subscriptions: readonly Subscription[]): Change[] {
    const changes: Change[] = [];
    const own = this.#byClient.get(clientId) ?? new Map<string, Subscription>();
    if (subscriptions.length > 0) {
      this.#byClient.set(clientId, own);
    }
    for (const given of subscriptions) {
      const subscription = { ...given };
      this.#unlist(clientId, own.get(given.topic));
      own.set(given.topic, subscription);
      if (subscription.qos > 0) {
        this.#list(clientId, subscription);
      }
      changes.push([keys.subscription(clientId, given.topic), encodeJson(subscription)]);
    }
    return changes;
  }

  remove(clientId: string, filters: readonly string[]): void {
    const own = this.#byClient.get(clientId);
    if (!own) {
      return;
    }
    for (const filter of filters) {
      this.#unlist(clientId, own.get(filter));
      own.delete(filter);
    }
    if (own.size === 0) {
      this.#byClient.delete(clientId);
    }
  }

  removeClient(clientId: string): void {
    this.remove(clientId, [...(this.#byClient.get(clientId)?.keys() ?? [])]);
  }

  ofClient(clientId: string): Subscription[] {
    return Array.from(this.#byClient.get(clientId)?.values() ?? [], (subscription) => ({ ...subscription }));
  }

  /** The subscriptions above QoS 0 that match a topic, one for each filter. */
  matching(topic: string): Array<Subscription & { clientId: string }> {
    if (this.#queuing === 0) {
      return [];
    }
    return this.#byFilter
      .matching(topic)
      .flatMap((clients) => Array.from(clients, ([clientId, subscription]) => ({ clientId, ...subscription })));
  }

  *clientsOf(filter: string): Generator<string> {
    for (const [clientId, own] of this.#byClient) {
      if (own.has(filter)) {
        yield clientId;
      }
    }
  }

  count(): { subsCount: number; clientsCount: number } {
    return { subsCount: this.#queuing, clientsCount: this.#byClient.size };
  }

  #list(clientId: string, subscription: Subscription): void {
    this.#byFilter.getOrSet(subscription.topic, () => new Map()).set(clientId, subscription);
    this.#queuing += 1;
  }

  #unlist(clientId: string, subscription: Subscription | undefined): void {
    if (!subscription || subscription.qos === 0) {
      return;
    }
    const clients = this.#byFilter.get(subscription.topic);
    if (clients?.delete(clientId)) {
      this.#queuing -= 1;
      if (clients.size === 0) {
        this.#byFilter.delete(subscription.topic);
      }
    }
  }
}
