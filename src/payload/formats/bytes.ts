const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Bytes as lower-case hex digits, two each. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    text += HEX[bytes[i]];
  }
  return text;
}

/** Bytes that `String.fromCharCode` is given at once: each is an argument, of which engines take some ten thousand. */
const CHUNK = 8_192;

/** Bytes as base64 (RFC 4648, 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  }
  return btoa(binary);
}

/**
 * Reads hex digits, with or without `0x` before them and blanks, colons or hyphens between the bytes.
 *
 * @returns `undefined` where the text is something else.
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
 * @returns `undefined` where the text is something else.
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
