import { formatNumber } from '../utils/format-number';

/** A payload that did not decode, with the reason in words. */
export class DecodeFailure {
  constructor(readonly reason: string) {}
}

/** A payload of no bytes: the value is gone (a retained message is cleared so, [MQTT-3.3.1-10]). */
export const CLEARED = Symbol('gone');

/** A JSON value, {@link CLEARED}, `Rows` or a {@link DecodeFailure}. */
export type Decoded = unknown;

/**
 * Throws nothing but `PartPending`, while its code is being loaded.
 *
 * @param topic the topic that it came by: births and deaths of Sparkplug devices have their own.
 * @param retained whether the broker sent it because of a new subscription [MQTT-3.3.1-8].
 */
export type Decoder = (bytes: Uint8Array, topic: string, retained?: boolean) => Decoded;

/**
 * Levels of arrays and objects in a value. What copies or prints one calls itself for each level (structured
 * clone, `JSON.stringify`), and fails on some thousand of them; no sensor sends more than a few.
 */
export const MAX_NESTING = 250;

/** The number of problems of one payload that are reported; the others would say the same. */
export const MAX_PROBLEMS = 5;

/** The problem of a payload that has more rows than the limit. */
export function beyond(what: string, most: number): string {
  return `Left out: the ${what} beyond the first ${formatNumber(most)}. Have the sender send fewer at once, or raise "Rows of a payload" in the settings of the data source.`;
}
