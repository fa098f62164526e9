const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Bytes as lower-case hex digits, two each. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    text += HEX[bytes[i]];
  }
  return text;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The two digits of each twelve bits: half of three bytes. */
let pairs: readonly string[] | undefined;

/** Bytes as base64 (RFC 4648, 4). */
export function toBase64(bytes: Uint8Array): string {
  pairs ??= Array.from({ length: 4_096 }, (_, bits) => DIGITS[bits >> 6] + DIGITS[bits & 63]);
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let i = 0; i < whole; i += 3) {
    const middle = bytes[i + 1];
    text += pairs[(bytes[i] << 4) | (middle >> 4)] + pairs[((middle & 15) << 8) | bytes[i + 2]];
  }
  if (whole === bytes.length) {
    return text;
  }
  const middle = whole + 1 < bytes.length ? bytes[whole + 1] : 0;
  const last = whole + 1 < bytes.length ? `${DIGITS[(middle & 15) << 2]}=` : '==';
  return text + pairs[(bytes[whole] << 4) | (middle >> 4)] + last;
}

/**
 * Reads hex digits, with or without `0x` before them and blanks, colons or hyphens between the bytes.
 *
 * @returns `undefined` if the text is something else.
 */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text
    .trim()
    .replace(/^0x/i, '')
    .replaceAll(/[\s:-]/g, '');
  if (digits.length % 2 !== 0 || /[^\da-f]/i.test(digits)) {
    return undefined;
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/**
 * Reads base64, of either alphabet (RFC 4648, 4 and 5), with or without padding and line breaks.
 *
 * @returns `undefined` if the text is something else.
 */
export function fromBase64(text: string): Uint8Array | undefined {
  const digits = text
    .replaceAll(/\s+/g, '')
    .replace(/={1,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  if (digits.length % 4 === 1 || /[^A-Za-z\d+/]/.test(digits)) {
    return undefined;
  }
  const binary = atob(digits);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = binary.charCodeAt(i);
  }
  return bytes;
}

/** Whether the bytes from a place on begin with others. */
export function startsWith(bytes: Uint8Array, at: number, begin: Uint8Array): boolean {
  for (let i = 0; i < begin.length; i++) {
    if (bytes[at + i] !== begin[i]) {
      return false;
    }
  }
  return true;
}
