const utf8 = new TextDecoder('utf-8', { fatal: true });

const UTF_16 = {
  little: new TextDecoder('utf-16le', { fatal: true }),
  big: new TextDecoder('utf-16be', { fatal: true }),
};
const latin1 = new TextDecoder('latin1');

/**
 * Text in an encoding of one byte a character, as older programs send it: all but a few characters are those of ASCII.
 *
 * @returns `undefined` for bytes that are more likely to be binary.
 */
export function readLatin1(bytes: Uint8Array): string | undefined {
  let [end, others] = [bytes.length, 0];
  while (end > 0 && bytes[end - 1] === 0) {
    end--;
  }
  for (let i = 0; i < end; i++) {
    const byte = bytes[i];
    // Control characters, in both halves; a line end, a tab and the escape of a color are text.
    if ((byte < 0x20 && !isBlank(byte)) || (byte >= 0x7f && byte < 0xa0)) {
      return undefined;
    }
    others += byte >= 0xa0 ? 1 : 0;
  }
  // CBOR begins with such a byte.
  return end >= MIN_LATIN1 && bytes[0] < 0x80 && others <= end / MIN_LATIN1
    ? latin1.decode(bytes.subarray(0, end))
    : undefined;
}

/** Bytes of the shortest such text, and how many of them there are to each that is not ASCII. */
const MIN_LATIN1 = 4;

function isBlank(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x1b;
}

/**
 * UTF-16 with a byte order mark is read, too.
 *
 * @returns the text, without a byte order mark and without the zeros behind it, which programs in C send along;
 * `undefined` where the bytes are not UTF-8.
 */
export function readText(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes[bytes.length - 1] === 0 ? withoutZeros(bytes) : bytes);
  } catch {
    return readUtf16(bytes);
  }
}

/** Text in UTF-16 that begins with a byte order mark, in either order. */
function readUtf16(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const decoder =
    first === 0xff && second === 0xfe ? UTF_16.little : first === 0xfe && second === 0xff ? UTF_16.big : undefined;
  try {
    return decoder?.decode(bytes).replace(/(?!^)\0+$/, '');
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
 * What terminals take for colours and moves (ECMA-48, 5.4 and 5.6; a title, as xterm has it): ESPHome colours its log
 * topic so. Each alternative begins differently and runs over characters that cannot end it, so that no text is slow.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]+[0-~]|[0-Z\\^-~])/g;

/** Text as it reads, without the escapes that colour it. */
export function stripAnsi(text: string): string {
  return text.includes('\u001b') ? text.replaceAll(ANSI, '') : text;
}
