import { count, formatNumber } from '../utils/format-number';

/** The beginning of a payload, readable. */
export interface PayloadText {
  /** Control characters are points. */
  readonly text: string;
  /** The bytes, two digits each, with spaces between. */
  readonly hex: string;
  /** The text does not show every byte. */
  readonly binary: boolean;
}

/** Control characters, except tabs and the ends of lines. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * @param hex the beginning of the payload, two digits a byte.
 * @param length of the whole payload, in bytes.
 */
export function payloadText(hex: string, length: number): PayloadText {
  const pairs = hex.match(/../g) ?? [];
  const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  // The excerpt may end within a character. `stream` leaves that character out: it does not make the payload binary.
  const decoded = new TextDecoder().decode(bytes, { stream: bytes.length < length });
  const text = decoded.replaceAll(CONTROL, '·');
  return { text, hex: pairs.join(' '), binary: text !== decoded || text.includes('\ufffd') };
}

/** How much of a payload its hex digits show: `the first 1,024 of 3,400 bytes`, or `3 bytes`. */
export function excerptSize(hex: string, length: number): string {
  const shown = hex.length / 2;
  const bytes = count(length, 'byte');
  return shown < length ? `the first ${formatNumber(shown)} of ${bytes}` : bytes;
}
