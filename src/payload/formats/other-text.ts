import { count } from '../../utils/format-number';
import { decodeUtf8 } from './text';

const UTF_16 = {
  little: new TextDecoder('utf-16le', { fatal: true }),
  big: new TextDecoder('utf-16be', { fatal: true }),
};
const latin1 = new TextDecoder('latin1');

/**
 * What Windows-1252 has from 0x80 to 0x9F. Browsers read Latin-1 so, too; many versions of Node.js read both as
 * ISO 8859-1 (nodejs/node#56542).
 */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** What was read of bytes, and what is to be said of it. */
export interface OtherText {
  readonly text: string;
  readonly problem?: string;
}

/**
 * Text in an encoding of one byte a character, as older programs send it: all but a few characters are those of ASCII.
 *
 * @returns `undefined` for bytes that are more likely to be binary.
 */
function readOneByte(bytes: Uint8Array): OtherText | undefined {
  let [others, isLatin1] = [0, true];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    // A line end, a tab and the escape of a color are text.
    if ((byte < 0x20 && !isBlank(byte)) || byte === 0x7f) {
      return undefined;
    }
    others += byte >= 0x80 ? 1 : 0;
    // Control characters of Latin-1, which nobody sends.
    isLatin1 &&= byte < 0x80 || byte >= 0xa0;
  }
  // Floats and integers of 32 bits often have one such byte of four.
  const min = isLatin1 ? MIN_LATIN1 : MIN_WINDOWS_1252;
  // CBOR and MessagePack begin with such a byte.
  const isText = bytes.length >= min && bytes[0] < 0x80 && (others <= bytes.length / min || isLikeObject(bytes));
  if (!isText) {
    return undefined;
  }
  const text = latin1.decode(bytes);
  return isLatin1
    ? { text, problem: notUtf8('Latin-1 (ISO 8859-1)') }
    : { text: text.replaceAll(IN_WINDOWS_1252, fromWindows1252), problem: notUtf8('Windows-1252') };
}

const IN_WINDOWS_1252 = /[\u0080-\u009f]/g;

function fromWindows1252(character: string): string {
  return WINDOWS_1252.charAt(character.charCodeAt(0) - 0x80);
}

/** Bytes of the shortest such text, and how many of them there are to each that is not ASCII. */
const MIN_LATIN1 = 4;
const MIN_WINDOWS_1252 = 5;

/** `{"`, and at the end `}`: so many letters as there are. */
function isLikeObject(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b && bytes[1] === 0x22 && bytes[bytes.length - 1] === 0x7d;
}

function notUtf8(encoding: string): string {
  return `The text is not UTF-8. It is read as ${encoding}. Have the sender send UTF-8.`;
}

/** UTF-8 that is cut off within its last character, as by a sender that has room for so many bytes. */
function readCutOff(bytes: Uint8Array): OtherText | undefined {
  let end = bytes.length - 1;
  while (end > bytes.length - 4 && (bytes[end] & 0xc0) === 0x80) {
    end--;
  }
  const lead = bytes[end];
  const length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const left = bytes.length - end;
  const text = end < MIN_CUT_OFF || left >= length ? undefined : decodeUtf8(bytes.subarray(0, end));
  if (text === undefined || CONTROL.test(text)) {
    return undefined;
  }
  // Alone, it may be a letter of Latin-1: one of `Â` and `Ã` is seldom the last.
  const isUtf8 = left > 1 || lead <= 0xc3 || NOT_ASCII.test(text);
  return isUtf8
    ? {
        text,
        problem: `Left out: ${count(left, 'byte')} at the end of the text, the beginning of a character of UTF-8. Have the sender send the whole text.`,
      }
    : undefined;
}

/** Bytes before the character that is cut off: fewer are more likely to be a number. */
const MIN_CUT_OFF = 3;

/** Control characters that no text has. */
const CONTROL = /[^\P{Cc}\t\n\r]/u;
const NOT_ASCII = /\P{ASCII}/u;

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

/** How a text begins, and what it has else: letters of Latin-1, ohm and micro, dashes and quotes, signs of money and units. */
const ASCII = /^[\t\n\r -~]{2}/;
const COMMON = /^[\t\n\r -~\u00a0-\u00ff\u03a9\u03bc\u2010-\u2044\u20a0-\u20bf\u2100-\u214f]+$/;
const ALL_NOT_ASCII = /\P{ASCII}/gu;

/** Numbers of 16 bits are as many characters, mostly of any language: a text has few that are not ASCII. */
function isMostlyAscii(text: string): boolean {
  return ASCII.test(text) && COMMON.test(text) && (text.match(ALL_NOT_ASCII)?.length ?? 0) <= text.length / MIN_LATIN1;
}

/** Text that is not UTF-8, and what is to be said of it; `undefined` for bytes that are no text. */
export function readOtherText(bytes: Uint8Array): OtherText | undefined {
  // Zeros in every second place may be in other text than UTF-16, too.
  const text = readUtf16(bytes) ?? decodeUtf8(bytes);
  if (text !== undefined) {
    return { text };
  }
  const begin = bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
  return readCutOff(begin) ?? readOneByte(begin);
}
