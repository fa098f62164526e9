/** JSON in what a shell or Python put around it. */
export interface Wrapped {
  /** What may be the JSON, the more likely first. */
  readonly texts: readonly string[];
  /** Backslashes have been removed from the last text, so that places in it are not those of the payload. */
  readonly isUnescaped: boolean;
  /** Quotes that began were not ended: the text is cut off, or goes on. */
  readonly isOpen: boolean;
}

/** Quotes before a bracket: those of Python's `str(b'…')`, or those that a shell should have taken away. */
const QUOTED = /^\s*([bu]?)(["'])(?=\s*[{[])/;

/** A bracket, and a quote that was escaped for another shell. */
const ESCAPED = /^\s*(?:[{[]|\[\s*\{)\s*\\"/;

/** An escape in Python: of a byte, of a character, or of a sign. */
const PYTHON = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|([^]))/g;
const SIGNS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @returns `undefined` for text that does not begin so. */
export function unwrapText(text: string): Wrapped | undefined {
  const quoted = QUOTED.exec(text);
  if (quoted === null) {
    return ESCAPED.test(text) ? { texts: [withoutEscapes(text)], isUnescaped: true, isOpen: false } : undefined;
  }
  const [begin, prefix, quote] = quoted;
  const trimmed = text.trimEnd();
  const isOpen = trimmed.length <= begin.length || !trimmed.endsWith(quote);
  const inner = trimmed.slice(begin.length, isOpen ? undefined : -1);
  // In place of the quotes: an error names the character of the payload.
  const padded = ' '.repeat(begin.length) + inner;
  if (!inner.includes('\\')) {
    return { texts: [padded], isUnescaped: false, isOpen };
  }
  return prefix === ''
    ? { texts: [padded, withoutEscapes(inner)], isUnescaped: true, isOpen }
    : { texts: [fromPython(inner, prefix === 'b')], isUnescaped: true, isOpen };
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\(["\\])/g, '$1');
}

/** The text of a literal in Python. @param isBytes what it has in it are bytes: mostly those of UTF-8. */
function fromPython(literal: string, isBytes: boolean): string {
  const text = literal.replaceAll(PYTHON, (_, byte?: string, unit?: string, sign = '') => {
    const hex = byte ?? unit;
    return hex === undefined ? (SIGNS[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16));
  });
  if (!isBytes || !/^[\0-\u00ff]*$/.test(text)) {
    return text;
  }
  try {
    return utf8.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  } catch {
    return text;
  }
}
