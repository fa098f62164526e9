import { getOrSet } from '../../../src/utils/get-or-set';
import { toPacket } from '../memory/aedes-shapes';
import type { Journal } from './journal';
import {
  decodeJson,
  decodeMessage,
  parseKey,
  sequenceOf,
  STORE_VERSION,
  type DeliveryState,
  type StoredMessage,
  type StoredSession,
  type StoredSubscription,
} from '../memory/records';
import type { SessionPersistence } from '../memory/persistence';

/** The stored data cannot be used; the message says why. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** Queued messages and how far each has come, which are stored apart; by client and sequence number. */
type Queued = Map<string, Map<number, { message?: StoredMessage; state?: DeliveryState }>>;

/**
 * Reads everything that is stored into a persistence. Returns whether anything was.
 *
 * @throws StoreError when it was written by a newer broker, or is damaged
 */
export async function load(journal: Journal, persistence: SessionPersistence): Promise<boolean> {
  const queued: Queued = new Map();
  let version: number | undefined;
  let count = 0;
  for await (const [key, value] of journal.entries()) {
    count += 1;
    try {
      if (key === '0') {
        version = decodeJson(value) as number;
      } else {
        restore(key, value, persistence, queued);
      }
    } catch (cause) {
      throw new StoreError(`the record ${JSON.stringify(key.slice(0, 80))} cannot be read`, { cause });
    }
    if (version !== undefined && version > STORE_VERSION) {
      throw new StoreError(
        `a newer broker wrote the directory (version ${version}; this broker reads version ${STORE_VERSION})`
      );
    }
  }
  if (count > 0 && version === undefined) {
    throw new StoreError('the directory has files of another program: the version record of this broker is missing');
  }
  for (const [clientId, entries] of queued) {
    for (const [sequence, { message, state }] of [...entries].toSorted(([a], [b]) => a - b)) {
      // A message without its record was acknowledged; a state without a message is a PUBREL that is still owed.
      if (message || state?.released) {
        persistence.restoreQueued(clientId, { sequence, message, state, sentTo: undefined });
      }
    }
  }
  return count > 0;
}

function restore(key: string, value: Uint8Array, persistence: SessionPersistence, queued: Queued): void {
  const { kind, id, rest } = parseKey(key);
  switch (kind) {
    case 'r':
      persistence.retained.store(toPacket(decodeMessage(value), undefined, false));
      break;
    case 'c':
      persistence.restoreSession(decodeJson(value) as StoredSession);
      break;
    case 's':
      persistence.subscriptions.add(id, [decodeJson(value) as StoredSubscription]);
      break;
    case 'i':
      persistence.incoming.restore(id, Number(rest));
      break;
    case 'w':
      persistence.restoreWill(id, decodeMessage(value));
      break;
    case 'q':
      entryOf(queued, id, sequenceOf(rest)).message = decodeMessage(value);
      break;
    case 'm':
      entryOf(queued, id, sequenceOf(rest)).state = decodeJson(value) as DeliveryState;
      break;
    default:
      throw new TypeError('unknown kind of record');
  }
}

function entryOf(
  queued: Queued,
  clientId: string,
  sequence: number
): { message?: StoredMessage; state?: DeliveryState } {
  const entries = getOrSet(queued, clientId, () => new Map());
  return getOrSet(entries, sequence, () => ({}));
}
