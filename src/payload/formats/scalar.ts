/** A number is the whole text: no prefix, no unit behind it, no leading zeros (those are identifiers). */
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

/** How programs print what is no number: printf of C, Python, JavaScript. */
const NOT_FINITE = /^[+-]?(?:nan|NaN|NAN|inf|Inf|INF|Infinity|infinity|INFINITY)$/;

/**
 * @param text trimmed.
 * @param exact whether an integer too large to be exact is given as its text; else it is the nearest number.
 * @returns the number; its text; `undefined` if it is no number, or one that is larger than any number here.
 */
export function parseNumber(text: string, exact = true): number | string | undefined {
  const code = text.charCodeAt(0);
  // Digits, signs and the point lie side by side; nothing else can begin a number.
  if (!(code >= 0x2b && code <= 0x39) || !NUMBER.test(text)) {
    return undefined;
  }
  const value = Number(text);
  if (value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) {
    return value;
  }
  if (exact && INTEGER.test(text)) {
    return text;
  }
  return Number.isFinite(value) ? value : undefined;
}

/** The longest text that {@link NOT_FINITE} matches. */
const NOT_FINITE_LENGTH = 9;

/** `nan`, `-inf` and their kin; `undefined` for all other text. */
export function parseNotFinite(text: string): number | undefined {
  // Its first letter says of most text that it is none.
  const first = text.charCodeAt(0) | 0x20;
  const begins = first === 0x6e || first === 0x69 || first === 0x2b || first === 0x2d;
  if (!begins || text.length > NOT_FINITE_LENGTH || !NOT_FINITE.test(text)) {
    return undefined;
  }
  if (/n$/i.test(text)) {
    return NaN;
  }
  return text.startsWith('-') ? -Infinity : Infinity;
}

/** A cell of text as what it is by itself: a number, `true`, `false`, or the text. */
export function parseCell(text: string): number | string | boolean {
  return parseNumber(text) ?? parseNotFinite(text) ?? (text === 'true' ? true : text === 'false' ? false : text);
}
