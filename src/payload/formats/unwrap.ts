import { messageOf } from '../../utils/errors';
import { DecodeFailure, type Decoded, type Decoder, CLEARED } from '../decoded';
import { nestedJson, openerOf } from '../nested-json';
import { compilePath, parsePath, texts } from '../paths';
import { Rows } from '../rows/rows';
import type { UnwrapOptions } from '.';
import { fromBase64, fromHex } from './bytes';
import { readJson } from './json/json';
import { readNearJson, readNestedJson } from './json/near-json';
import { readOtherText } from './other-text';
import { readText } from './text';
import { withProblem } from './with-problem';

// This part of the engine has paths of its own.
texts.open = openerOf(() => readNestedJson);

const READ = { base64: fromBase64, hex: fromHex };

/** Text with bytes in it, and the JSON that it was found in; or what to give where there is none. */
type Found = { readonly text: string; readonly whole?: unknown } | { readonly decoded: Decoded };

/**
 * Gives a decoder bytes that are wrapped in text: the whole payload, or what lies at a path in JSON, as LoRaWAN
 * network servers send what a device sent. What they say of the device stays at hand, as `whole` of the rows.
 */
export function unwrapped(decode: Decoder, { encoding, path = '' }: UnwrapOptions): Decoder {
  const read = Object.hasOwn(READ, encoding) ? READ[encoding] : undefined;
  let find: (text: string) => Found;
  try {
    find = path.trim() === '' ? (text) => ({ text }) : finder(path);
  } catch (error) {
    const failure = new DecodeFailure(messageOf(error));
    return () => failure;
  }
  if (read === undefined) {
    const failure = new DecodeFailure(`There is no encoding ${JSON.stringify(encoding)}: it is base64 or hex.`);
    return () => failure;
  }
  const waiting = new WeakMap<Uint8Array, Uint8Array>();
  return (bytes, topic, retained) => {
    if (bytes.length === 0) {
      return CLEARED;
    }
    const text = readText(bytes);
    const payload = text === undefined ? readOtherText(bytes) : { text };
    const found = payload === undefined ? { decoded: notText(encoding) } : find(payload.text);
    if ('decoded' in found) {
      return found.decoded;
    }
    const inner = waiting.get(bytes) ?? read(found.text);
    if (inner === undefined) {
      return new DecodeFailure(`The text is not ${encoding}: ${JSON.stringify(found.text.slice(0, 40))}.`);
    }
    try {
      return withProblem(withWhole(decode(inner, topic, retained), found.whole), payload?.problem);
    } catch (error) {
      // A payload that is being unpacked is recognized by its bytes when the message is decoded again.
      waiting.set(bytes, inner);
      throw error;
    }
  };
}

function withWhole(decoded: Decoded, whole: unknown): Decoded {
  if (whole === undefined || decoded instanceof DecodeFailure) {
    return decoded;
  }
  return decoded instanceof Rows
    ? new Rows(
        decoded.rows.map((row) => ({ ...row, whole })),
        decoded.problems
      )
    : new Rows([{ value: decoded, whole }]);
}

function notText(encoding: string): DecodeFailure {
  return new DecodeFailure(`The payload is binary, and not a text in ${encoding}. Choose another encoding.`);
}

function finder(path: string): (text: string) => Found {
  const get = compilePath(parsePath(path));
  return (text) => {
    const strict = readJson(text);
    const json = strict instanceof DecodeFailure ? (readNearJson(text, 1) ?? strict) : strict;
    if (json instanceof DecodeFailure) {
      return { decoded: json };
    }
    nestedJson.problem = undefined;
    const whole: unknown = json instanceof Rows ? json.rows[0].value : json;
    const found = get(whole);
    return typeof found === 'string'
      ? { text: found, whole }
      : {
          decoded: new DecodeFailure(
            `There is no text at the path ${JSON.stringify(path)} of this payload. ${nestedJson.problem ?? ''}`.trimEnd()
          ),
        };
  };
}
