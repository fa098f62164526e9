import { isObject } from '../utils/is-object';
import type { Path } from './columns/batch';
import { SCALAR } from './columns/names';

/** Levels that a path may have: as many as JSON that is taken at all. */
const MAX_LEVELS = 250;

/** A path that cannot be read, with a sentence that says why. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/** `["any text"]`, a JSON string, or `[0]`. */
const BRACKETS = /\[\s*(?:("(?:[^"\\]|\\.)*")|(\d{1,10}))\s*\]/y;
const BARE_KEY = /[^.[\]"]+/y;

/**
 * Reads a path as `formatPath` writes it: `a.b`, `["a.b"]`, `list[0].x`. Any key can be written, whatever its
 * characters; those of which one means something here stand in brackets, as a JSON string.
 *
 * @returns `[]`, the payload itself, for an empty text.
 * @throws {PathError} for text that is not a path, and for too many levels; the message says what is wrong.
 */
export function parsePath(text: string): Path {
  const trimmed = text.trim();
  const path: Array<string | number> = [];
  let at = 0;
  while (at < trimmed.length) {
    if (trimmed[at] === '[') {
      BRACKETS.lastIndex = at;
      const match = BRACKETS.exec(trimmed);
      if (match === null) {
        throw new PathError(
          `In the path "${text}", the text after "${trimmed.slice(0, at)}" is not a key in brackets. Write ["key"], or [0] for the first of a list.`
        );
      }
      path.push(match[1] === undefined ? Number(match[2]) : readKey(match[1], text));
      at = BRACKETS.lastIndex;
    } else {
      if (at > 0 && trimmed[at++] !== '.') {
        throw new PathError(`In the path "${text}", a point or a bracket must follow "${trimmed.slice(0, at - 1)}".`);
      }
      BARE_KEY.lastIndex = at;
      const match = BARE_KEY.exec(trimmed);
      if (match === null) {
        throw new PathError(
          `In the path "${text}", there is no key after "${trimmed.slice(0, at)}". An empty key is written [""], and one with a point ["a.b"].`
        );
      }
      path.push(match[0]);
      at = BARE_KEY.lastIndex;
    }
  }
  if (path.length > MAX_LEVELS) {
    throw new PathError(`The path "${text.slice(0, 40)}…" has more than ${MAX_LEVELS} levels.`);
  }
  return path;
}

function readKey(json: string, text: string): string {
  try {
    return JSON.parse(json) as string;
  } catch {
    throw new PathError(`In the path "${text}", ${json} is not a JSON string.`);
  }
}

/** The value at a path of a decoded value; `undefined` if there is none. Inherited properties are never found. */
export type Getter = (value: unknown) => unknown;

/** Makes a path ready for reading it from many messages. */
export function compilePath(path: Path): Getter {
  if (path.length === 0) {
    return (value) => value;
  }
  if (path.length === 1) {
    const [key] = path;
    // The field of a payload that is one value is called so, though there is no such key.
    const inText = (value: unknown): unknown =>
      step(typeof value === 'string' ? texts.open(value, path, 0) : value, key);
    return key === SCALAR ? (value) => (isObject(value) ? step(value, key) : value) : inText;
  }
  const keys = [...path];
  return (value) => {
    let found: unknown = value;
    for (let i = 0; i < keys.length && found !== undefined; i++) {
      found = step(typeof found === 'string' ? texts.open(found, keys, i) : found, keys[i]);
    }
    return found;
  };
}

/** As {@link compilePath}, for a list of rows: what lies there may be JSON in a text, too. */
export function compileRowsPath(path: Path): Getter {
  const get = compilePath(path);
  return (value) => {
    const found = get(value);
    return typeof found === 'string' ? (texts.open(found, path, path.length) ?? found) : found;
  };
}

/** Reads JSON in a text that a path leads into at the first `levels` of its keys. */
export type OpenText = (text: string, path: Path, levels: number) => unknown;

/** Replaced by who also reads what is almost JSON: the page compiles paths, too, and has no use for that. */
export const texts: { open: OpenText } = { open: (text) => jsonIn(text) };

/** The last text with JSON in it: several paths lead into the same. */
let lastJson: { readonly text: string; readonly value: unknown } = { text: '', value: undefined };

/** Texts and numbers of JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** How often JSON is looked for in a text of JSON that is in a text of JSON. */
const MAX_TEXTS = 4;

/**
 * JSON in a text of JSON, as senders write it that put one message into another, once or several times; `undefined` for
 * other text. Not read by `readJsonLike`, because the page compiles paths, too, and has no other use for that.
 */
export function jsonIn(text: string): unknown {
  if (text !== lastJson.text) {
    let inner: unknown = text;
    for (let i = 0; i < MAX_TEXTS && typeof inner === 'string'; i++) {
      inner = /^\s*[{["]/.test(inner) && isShallow(inner) ? parseExactly(inner) : undefined;
    }
    lastJson = { text, value: typeof inner === 'string' ? undefined : inner };
  }
  return lastJson.value;
}

/** Integers that no number is exactly are text, as everywhere. */
function parseExactly(text: string): unknown {
  const exact = /\d{16}/.test(text)
    ? text.replace(TOKENS, (token) =>
        /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token
      )
    : text;
  try {
    return JSON.parse(exact) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether no bracket outside of texts is nested deeper than JSON that is taken at all. */
function isShallow(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length && depth <= MAX_LEVELS; at++) {
    const character = text[at];
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (isQuoted) {
      at += character === '\\' ? 1 : 0;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (character === '}' || character === ']') {
      depth--;
    }
  }
  return depth <= MAX_LEVELS;
}

function step(value: unknown, key: string | number): unknown {
  if (!isObject(value)) {
    return undefined;
  }
  if (typeof key === 'number') {
    return Array.isArray(value) ? value[key] : undefined;
  }
  // `Object.hasOwn` finds an array's length too, which is no value of the payload.
  return Object.hasOwn(value, key) && !Array.isArray(value) ? (value as Record<string, unknown>)[key] : undefined;
}
