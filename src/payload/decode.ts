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

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function createDecoder(format: Format): Decoder {
  const interpret = INTERPRET[format];
  return (bytes) => {
    if (bytes.length === 0) {
      return GONE;
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
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      return new DecodeFailure(`The payload is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  },
  number: (text) =>
    parseNumber(text.trim(), false) ?? new DecodeFailure(`The payload is not a number: ${quote(text)}.`),
  text: (text) => text,
};

/** @returns the number, the text itself for an integer too large to be exact, `undefined` where it is no number. */
function parseNumber(text: string, exact = true): number | string | undefined {
  const code = text.charCodeAt(0);
  // Digits, signs and the point lie side by side; nothing else can begin a number.
  if (!(code >= 0x2b && code <= 0x39) || !NUMBER.test(text)) {
    return undefined;
  }
  const value = Number(text);
  return exact && INTEGER.test(text) && !Number.isSafeInteger(value) ? text : value;
}

/** Text that only looks like JSON stays the text it is. */
function jsonOrText(json: string, text: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return text;
  }
}

/** At most 40 characters of a payload, for a message. */
function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
