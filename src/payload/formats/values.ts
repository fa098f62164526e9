/**
 * Sets a key of a payload as an own property, whatever it is called: assigning to `__proto__` would change the
 * object's prototype instead.
 */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** Keys for the values of one object, so that none replaces another: `a`, `a 2`, `a 3`. */
export class FreeKeys {
  readonly #object: Record<string, unknown>;
  /** The number to try next, so that ten thousand values of one key are not counted through for each of them. */
  #next: Map<string, number> | undefined;

  constructor(object: Record<string, unknown>) {
    this.#object = object;
  }

  /** @returns the key, or one like it that the object does not have yet. */
  free(key: string): string {
    if (!Object.hasOwn(this.#object, key)) {
      return key;
    }
    this.#next ??= new Map();
    let n = this.#next.get(key) ?? 2;
    while (Object.hasOwn(this.#object, `${key} ${n}`)) {
      n++;
    }
    this.#next.set(key, n + 1);
    return `${key} ${n}`;
  }
}

/** A number where that is exact, else the digits as text. */
export function exactInteger(value: bigint): number | string {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value.toString();
}

/** The 64 bits of two halves as a number where that is exact, else as text. */
export function exactUint64(high: number, low: number): number | string {
  const value = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(value) ? value : ((BigInt(high) << 32n) | BigInt(low)).toString();
}

/** As {@link exactUint64}, the upper half signed (two's complement). */
export function exactInt64(high: number, low: number): number | string {
  const value = (high | 0) * 0x1_0000_0000 + low;
  return Number.isSafeInteger(value) ? value : ((BigInt(high | 0) << 32n) | BigInt(low)).toString();
}

/** Seconds that a Date can hold, either way from 1970 (ECMA-262, 21.4.1.1). */
const MAX_SECONDS = 8.64e12;

/**
 * A time as ISO 8601 text in UTC, with as many decimals as it needs; a value that is known to be a time comes out so,
 * because text of that form cannot be taken for anything else.
 *
 * @param seconds whole seconds since 1970.
 * @returns `undefined` if no calendar goes that far.
 */
export function isoTime(seconds: number, nanoseconds: number): string | undefined {
  if (!(Math.abs(seconds) <= MAX_SECONDS) || nanoseconds >= 1e9) {
    return undefined;
  }
  const whole = new Date(seconds * 1_000).toISOString().slice(0, -5);
  const decimals = nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole}${decimals}Z`;
}

/** As {@link isoTime}, from milliseconds. */
export function isoTimeOfMillis(ms: number): string | undefined {
  const seconds = Math.floor(ms / 1_000);
  return isoTime(seconds, Math.round((ms - seconds * 1_000) * 1e6));
}

/** A float of 16 bits (RFC 8949, appendix D). */
export function halfFloat(half: number): number {
  const [exponent, mantissa] = [(half >> 10) & 0x1f, half & 0x3ff];
  const size =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent === 31
        ? mantissa === 0
          ? Infinity
          : NaN
        : (mantissa + 1024) * 2 ** (exponent - 25);
  return half & 0x8000 ? -size : size;
}
