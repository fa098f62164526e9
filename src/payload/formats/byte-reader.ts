import { DecodeFailure, MAX_NESTING } from '../decoded';
import { messageOf } from '../../utils/errors';
import { count, plural } from '../../utils/format-number';
import { toBase64 } from './bytes';
import { exactUint64 } from './values';

/** Bytes that are not what they should be, and why. */
export class ByteError extends Error {}

/** Bytes of the format that cannot be read by themselves, and what the sender can do. */
export class UnsupportedError extends ByteError {}

/** Why a payload has no value, in words. */
export function failureOf(error: unknown, format: string): DecodeFailure {
  const what = error instanceof UnsupportedError ? `The ${format} cannot be read` : `The payload is not ${format}`;
  return new DecodeFailure(`${what}: ${messageOf(error)}.`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Keys that are remembered, so that a topic's next message finds its keys made; a hostile topic has as many. */
const MAX_KEYS = 512;

/** Longer keys are not remembered. */
const MAX_KEY = 32;

const keys: Array<{ readonly bytes: Uint8Array; readonly text: string } | undefined> = Array.from({ length: MAX_KEYS });

/** Reads a binary format from front to back, and never beyond the end. All numbers are in network byte order. */
export class ByteReader {
  readonly view: DataView;
  at = 0;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /**
   * The place of the next bytes, which are passed over.
   *
   * @throws {ByteError} where there are not as many.
   */
  take(length: number): number {
    const begin = this.at;
    if (!(length <= this.bytes.length - begin)) {
      throw new ByteError(
        `at byte ${begin} it needs ${count(length, 'byte')}, but only ${this.left} ${plural(this.left, 'is', 'are')} left`
      );
    }
    this.at = begin + length;
    return begin;
  }

  /** Whether as many items can follow, of a byte each at least: a length that lies takes no memory. */
  checkItems(items: number): void {
    if (!(items <= this.left)) {
      throw new ByteError(
        `at byte ${this.at} it needs ${count(items, 'item')}, but only ${count(this.left, 'byte')} ${plural(this.left, 'is', 'are')} left`
      );
    }
  }

  /** An unsigned number of 1, 2 or 4 bytes: 2 to the `power`. */
  uint(power: number): number {
    switch (power) {
      case 0:
        return this.view.getUint8(this.take(1));
      case 1:
        return this.view.getUint16(this.take(2));
      default:
        return this.view.getUint32(this.take(4));
    }
  }

  /** An unsigned number of 8 bytes; text where no number is exact. */
  uint64(): number | string {
    const at = this.take(8);
    return exactUint64(this.view.getUint32(at), this.view.getUint32(at + 4));
  }

  slice(length: number): Uint8Array {
    const begin = this.take(length);
    return this.bytes.subarray(begin, begin + length);
  }

  /** Text; where it is not UTF-8 its bytes as base64, for older programs send bytes as text. */
  text(length: number): string {
    const part = this.slice(length);
    try {
      return utf8.decode(part);
    } catch {
      return toBase64(part);
    }
  }

  /** As {@link text}, for what is likely to come again. */
  key(length: number): string {
    if (length === 0 || length > MAX_KEY) {
      return this.text(length);
    }
    const { bytes, at } = this;
    const last = at + length - 1;
    const slot = (length * 151 + bytes[at] * 31 + bytes[(at + last) >> 1] * 7 + bytes[last]) & (MAX_KEYS - 1);
    const known = keys[slot];
    if (known !== undefined && known.bytes.length === length && last < bytes.length) {
      let i = 0;
      while (i < length && known.bytes[i] === bytes[at + i]) {
        i++;
      }
      if (i === length) {
        this.at = last + 1;
        return known.text;
      }
    }
    const text = this.text(length);
    keys[slot] = { bytes: bytes.slice(at, at + length), text };
    return text;
  }
}

/**
 * @param levels that may still be entered.
 * @throws {ByteError} where there is none.
 */
export function checkLevels(levels: number): void {
  if (levels === 0) {
    throw new ByteError(`it has more than ${count(MAX_NESTING, 'level')} of nesting`);
  }
}
