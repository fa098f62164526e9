const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * @returns the text, without a byte order mark and without the zeros behind it, which programs in C send along;
 * `undefined` if the bytes are not UTF-8, or may be UTF-16: `readOtherText` decides it.
 */
export function readText(bytes: Uint8Array): string | undefined {
  if (bytes !== lastBytes) {
    lastText = decodeText(bytes);
    lastBytes = bytes;
  }
  return lastText;
}

/**
 * A message that several streams decode is the same object for each of them: those after the first find its text here.
 * No two messages share an object, and its bytes do not change while streams decode it.
 */
let lastBytes: Uint8Array | undefined;
let lastText: string | undefined;

function decodeText(bytes: Uint8Array): string | undefined {
  return (bytes[1] === 0 || bytes[0] === 0) && mayBeUtf16(bytes) ? undefined : decodeUtf8(bytes);
}

/** Whether exactly one of two bytes is zero, and in the next two the same one: two characters of ASCII (RFC 4627, 3). */
function mayBeUtf16(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  return (
    bytes.length % 2 === 0 &&
    (first === 0) !== (second === 0) &&
    (first === 0) === (third === 0) &&
    (second === 0) === (fourth === 0)
  );
}

/** As {@link readText}, of bytes that are not UTF-16. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes[bytes.length - 1] === 0 ? withoutZeros(bytes) : bytes);
  } catch {
    return undefined;
  }
}

/** Nothing but zeros is no text that ends with them: they stay. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  const last = bytes.findLastIndex((byte) => byte !== 0);
  return last < 0 ? bytes : bytes.subarray(0, last + 1);
}

/**
 * Escape sequences that terminals take for colours and moves (ECMA-48, 5.4 and 5.6; a title, as xterm has it): ESPHome
 * colours its log topic so. Each alternative begins differently and runs over characters that cannot end it, so that no
 * text is slow.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-Z\\^-~])/g;

/** Text as it reads, without the escapes that colour it. */
export function stripAnsi(text: string): string {
  return text.includes('\u001b') ? text.replaceAll(ANSI, '') : text;
}
