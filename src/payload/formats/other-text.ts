import { decodeUtf8 } from './text';

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
function readLatin1(bytes: Uint8Array): string | undefined {
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

/** Text in UTF-16, in either order. */
function readUtf16(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) {
    return decodeUtf16(bytes, 'little');
  }
  if (first === 0xfe && second === 0xff) {
    return decodeUtf16(bytes, 'big');
  }
  // Without a byte order mark, as .NET's `Encoding.Unicode.GetBytes` and Windows' wide strings have it.
  const order = first === 0 ? 'big' : second === 0 ? 'little' : undefined;
  const text = order && decodeUtf16(bytes, order);
  return text !== undefined && (JSON_BEGINS.test(text) ? !CONTROL.test(text) : isMostlyAscii(text)) ? text : undefined;
}

function decodeUtf16(bytes: Uint8Array, order: keyof typeof UTF_16): string | undefined {
  try {
    return UTF_16[order].decode(bytes).replace(/(?!^)\0+$/, '');
  } catch {
    return undefined;
  }
}

/** What begins like JSON in UTF-16 is nothing else: it may have characters of all languages. */
const JSON_BEGINS = /^\s*(?:\{\s*["}]|\[\s*["{])/;
const CONTROL = /[^\P{Cc}\t\n\r]/u;

/** How a text begins, and what it has else: letters of Latin-1, ohm and micro, dashes and quotes, signs of money and units. */
const ASCII = /^[\t\n\r -~]{2}/;
const COMMON = /^[\t\n\r -~\u00a0-\u00ff\u03a9\u03bc\u2010-\u2044\u20a0-\u20bf\u2100-\u214f]+$/;
const NOT_ASCII = /\P{ASCII}/gu;

/** Numbers of 16 bits are as many characters, mostly of any language: a text has few that are not ASCII. */
function isMostlyAscii(text: string): boolean {
  return ASCII.test(text) && COMMON.test(text) && (text.match(NOT_ASCII)?.length ?? 0) <= text.length / MIN_LATIN1;
}

const LATIN1 = 'The text is not UTF-8. It is read as Latin-1 (ISO 8859-1). Have the sender send UTF-8.';

/** Text that is not UTF-8, and what is to be said of it; `undefined` for bytes that are no text. */
export function readOtherText(bytes: Uint8Array): { text: string; problem?: string } | undefined {
  const utf16 = readUtf16(bytes);
  if (utf16 !== undefined) {
    return { text: utf16 };
  }
  // Zeros in every second place may be in other text, too.
  const utf8 = decodeUtf8(bytes);
  if (utf8 !== undefined) {
    return { text: utf8 };
  }
  const text = readLatin1(bytes);
  return text === undefined ? undefined : { text, problem: LATIN1 };
}
