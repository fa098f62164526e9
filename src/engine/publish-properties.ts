import type { UserProperties } from '../payload';
import { TopicCache } from './topic-cache';

/** The properties of a PUBLISH that matter to who receives it. */
export interface PublishProperties {
  /** Subscription identifiers [MQTT5-3.3.2.3.8]. */
  readonly subscriptionIdentifiers: readonly number[];
  /** The offset of the payload. */
  readonly end: number;
}

const SUBSCRIPTION_IDENTIFIER = 0x0b;
const USER_PROPERTY = 0x26;

/** Property identifiers of PUBLISH and how long their values are, in bytes; text has its length before it [MQTT5-2.2.2.2]. */
const LENGTHS: Readonly<Record<number, number | 'text' | 'pair'>> = {
  0x01: 1, // payload format indicator
  0x02: 4, // message expiry interval
  0x03: 'text', // content type
  0x08: 'text', // response topic
  0x09: 'text', // correlation data
  0x26: 'pair', // user property
};

const NOTHING: readonly number[] = [];

/**
 * Reads the properties of a PUBLISH, from `begin` within a packet that ends at `end`; `undefined` if there is one
 * that is not understood (a topic alias, which only mqtt.js can resolve) or that does not fit.
 */
export function readProperties(bytes: Uint8Array, begin: number, end: number): PublishProperties | undefined {
  const length = readVariable(bytes, begin, end);
  if (length === undefined) {
    return undefined;
  }
  const last = length.end + length.value;
  if (last > end) {
    return undefined;
  }
  let ids: number[] | undefined;
  let at = length.end;
  while (at < last) {
    const identifier = bytes[at++];
    if (identifier === SUBSCRIPTION_IDENTIFIER) {
      const id = readVariable(bytes, at, last);
      if (id === undefined) {
        return undefined;
      }
      (ids ??= []).push(id.value);
      at = id.end;
      continue;
    }
    const size = LENGTHS[identifier];
    if (size === undefined) {
      return undefined;
    }
    const texts = size === 'pair' ? 2 : size === 'text' ? 1 : 0;
    at += typeof size === 'number' ? size : 0;
    for (let i = 0; i < texts; i++) {
      at += 2 + ((bytes[at] << 8) | bytes[at + 1]);
    }
  }
  return at === last ? { subscriptionIdentifiers: ids ?? NOTHING, end: last } : undefined;
}

/** Names and values of user properties: few, and ever the same. */
const texts = new TopicCache();

/**
 * The user properties of a PUBLISH by name [MQTT5-3.3.2.3.7], of a name that comes more than once the first. Apart from
 * {@link readProperties}, which has found that all of them fit, because few queries want them and they cost more.
 */
export function readUserProperties(bytes: Uint8Array, begin: number, end: number): UserProperties | undefined {
  let user: Record<string, string> | undefined;
  let at = readVariable(bytes, begin, end)?.end ?? end;
  while (at < end) {
    const identifier = bytes[at++];
    if (identifier === SUBSCRIPTION_IDENTIFIER) {
      at = readVariable(bytes, at, end)?.end ?? end;
      continue;
    }
    const size = LENGTHS[identifier];
    const firstEnd = at + 2 + ((bytes[at] << 8) | bytes[at + 1]);
    if (identifier === USER_PROPERTY) {
      const secondEnd = firstEnd + 2 + ((bytes[firstEnd] << 8) | bytes[firstEnd + 1]);
      user ??= Object.create(null) as Record<string, string>;
      user[texts.get(bytes, at + 2, firstEnd)] ??= texts.get(bytes, firstEnd + 2, secondEnd);
      at = secondEnd;
    } else {
      at = typeof size === 'number' ? at + size : firstEnd;
    }
  }
  return user;
}

/** A Variable Byte Integer: seven bits a byte, lowest first, at most four bytes [MQTT5-1.5.5]. */
function readVariable(bytes: Uint8Array, at: number, end: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let shift = 0; shift < 28 && at < end; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      return { value, end: at };
    }
  }
  return undefined;
}
