/**
 * Topics that a part of the broker serves itself. They are exempt from hooks and ACL rules: the part that reserves them decides
 * about access. Every method returns undefined for a topic or filter that is not reserved.
 */
export interface ReservedTopics {
  /** `allowed`, or the reason for a refusal, as the end of a sentence that begins with the topic. */
  checkPublish(topic: string): 'allowed' | { readonly refused: string } | undefined;
  /** Whether a client may subscribe to a filter. */
  maySubscribe(clientId: string, filter: string): boolean | undefined;
  /** Whether a client receives the messages on a topic. */
  mayRead(clientId: string, topic: string): boolean | undefined;
}

/** Several parts of the broker together: the first one that has reserved a topic decides. */
export function joinReservedTopics(all: readonly ReservedTopics[]): ReservedTopics {
  // These are asked for every message and every subscriber of it.
  if (all.length === 1) {
    return all[0];
  }
  return {
    checkPublish: (topic) => firstDefined(all, (each) => each.checkPublish(topic)),
    maySubscribe: (clientId, filter) => firstDefined(all, (each) => each.maySubscribe(clientId, filter)),
    mayRead: (clientId, topic) => firstDefined(all, (each) => each.mayRead(clientId, topic)),
  };
}

function firstDefined<T, R>(items: readonly T[], get: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const result = get(item);
    if (result !== undefined) {
      return result;
    }
  }
  return undefined;
}
