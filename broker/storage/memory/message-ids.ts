/* oxlint-disable eslint/no-underscore-dangle -- the name that Aedes gives it */
import type { PersistenceClient } from './aedes-shapes';

const MAX_MESSAGE_ID = 65_535;

/** This message id, or the next one that no message in flight has; the given one when all are taken. */
export function freeMessageId(messageId: number, taken: { has(messageId: number): boolean }): number {
  let candidate = messageId;
  for (let tries = 0; tries < MAX_MESSAGE_ID && taken.has(candidate); tries += 1) {
    candidate = candidate >= MAX_MESSAGE_ID ? 1 : candidate + 1;
  }
  return candidate;
}

/**
 * Aedes counts message ids from a random one on, for each connection, and gives out those that messages of an earlier
 * connection still have. The wrong one of the two is then removed by the acknowledgement.
 *
 * @param free the given id, or the next one that is free
 */
export function keepMessageIdsApart(client: PersistenceClient, free: (messageId: number) => number): void {
  if (client.clean !== false || client._nextId === undefined) {
    return;
  }
  let next = client._nextId;
  Object.defineProperty(client, '_nextId', {
    configurable: true,
    enumerable: true,
    get: () => (next = free(next)),
    set: (value: number) => {
      next = value;
    },
  });
}
