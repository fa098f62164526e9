import { readPlainNumber } from './plain-number';

/** How payload bytes become a value. */
export type Format = 'auto' | 'json' | 'number' | 'text';

/** A payload that did not decode, with the reason in words. */
export class DecodeFailure {
  constructor(readonly reason: string) {}
}

/** A payload of no bytes: the value is gone (a retained message is cleared so, [MQTT-3.3.1-10]). */
export const GONE = Symbol('gone');

/** A JSON value, {@link GONE} or a {@link DecodeFailure}; a decoder never throws. */
export type Decoded = unknown;

export type Decoder = (bytes: Uint8Array) => Decoded;

/** A number is the whole text: no prefix, no unit behind it, no leading zeros (those are identifiers). */
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

/**
 * Levels of arrays and objects in a JSON value. What copies or prints one calls itself for each level (structured
 * clone, `JSON.stringify`), and fails on some thousand of them; no sensor sends more than a few.
 */
const MAX_NESTING = 250;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function createDecoder(format: Format): Decoder {
  const interpret = INTERPRET[format];
  const numbers = format === 'auto' || format === 'number';
  return (bytes) => {
    if (bytes.length === 0) {
      return GONE;
    }
    // Most payloads are a few digits: read as they are, they need no text.
    const plain = numbers ? readPlainNumber(bytes) : undefined;
    if (plain !== undefined) {
      return plain;
    }
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      return new DecodeFailure(`The payload is binary (${bytes.length} bytes that are not UTF-8 text).`);
    }
    return interpret(text);
  };
}

const BRACE = 0x7b;
const BRACKET = 0x5b;
const JSON_SCALAR = /^(?:"|true$|false$|null$)/;

const INTERPRET: Record<Format, (text: string) => Decoded> = {
  auto: (text) => {
    const first = text.charCodeAt(0);
    if (first === BRACE || first === BRACKET) {
      return jsonOrText(text, text);
    }
    const trimmed = text.trim();
    const number = parseNumber(trimmed);
    if (number !== undefined) {
      return number;
    }
    return /^[{[]/.test(trimmed) || JSON_SCALAR.test(trimmed) ? jsonOrText(trimmed, text) : text;
  },
  json: (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return new DecodeFailure(`The payload is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    return isTooDeep(text, value)
      ? new DecodeFailure(`The payload is JSON of more than ${MAX_NESTING} levels of nesting.`)
      : value;
  },
  number: (text) =>
    parseNumber(text.trim(), false) ?? new DecodeFailure(`The payload is not a number: ${quote(text)}.`),
  text: (text) => text,
};

/**
 * @returns the number; the text itself for an integer too large to be exact; `undefined` where it is no number, or
 * one that is larger than any number here.
 */
function parseNumber(text: string, exact = true): number | string | undefined {
  const code = text.charCodeAt(0);
  // Digits, signs and the point lie side by side; nothing else can begin a number.
  if (!(code >= 0x2b && code <= 0x39) || !NUMBER.test(text)) {
    return undefined;
  }
  const value = Number(text);
  if (!Number.isFinite(value)) {
    return exact && INTEGER.test(text) ? text : undefined;
  }
  return exact && INTEGER.test(text) && !Number.isSafeInteger(value) ? text : value;
}

/** Text that only looks like JSON stays the text it is, and so does JSON that nothing could be done with. */
function jsonOrText(json: string, text: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return isTooDeep(json, value) ? text : value;
  } catch {
    return text;
  }
}

function isTooDeep(json: string, value: unknown): boolean {
  // Each level takes two characters at least, so that short payloads need no look.
  return json.length > 2 * MAX_NESTING && isDeeper(value, MAX_NESTING);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (levels === 0) {
    return true;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (isDeeper(value[i], levels - 1)) {
        return true;
      }
    }
    return false;
  }
  for (const key in value) {
    if (isDeeper((value as Record<string, unknown>)[key], levels - 1)) {
      return true;
    }
  }
  return false;
}

/** At most 40 characters of a payload, for a message. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
