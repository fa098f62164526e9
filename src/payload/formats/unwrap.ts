import { DecodeFailure, type Decoded, type Decoder, GONE } from '../decoded';
import { compilePath, parsePath } from '../paths';
import { Rows } from '../rows';
import { fromBase64, fromHex } from './bytes';
import { readJson } from './json';
import { readText } from './text';

export interface UnwrapOptions {
  readonly encoding: 'base64' | 'hex';
  readonly path?: string;
}

const READ = { base64: fromBase64, hex: fromHex };

/**
 * Gives a decoder bytes that are wrapped in text: the whole payload, or what lies at a path in JSON, as LoRaWAN
 * network servers send what a device sent.
 */
export function unwrapped(decode: Decoder, { encoding, path = '' }: UnwrapOptions): Decoder {
  const read = Object.hasOwn(READ, encoding) ? READ[encoding] : undefined;
  let find: (text: string) => Decoded;
  try {
    find = path.trim() === '' ? (text) => text : finder(path);
  } catch (error) {
    const failure = new DecodeFailure(error instanceof Error ? error.message : String(error));
    return () => failure;
  }
  if (read === undefined) {
    const failure = new DecodeFailure(`There is no encoding ${JSON.stringify(encoding)}: it is base64 or hex.`);
    return () => failure;
  }
  return (bytes, topic, retained) => {
    if (bytes.length === 0) {
      return GONE;
    }
    const text = readText(bytes);
    const wrapped = text === undefined ? notText(encoding) : find(text);
    if (typeof wrapped !== 'string') {
      return wrapped;
    }
    const inner = read(wrapped);
    return inner === undefined
      ? new DecodeFailure(`What should be ${encoding} is something else: ${JSON.stringify(wrapped.slice(0, 40))}.`)
      : decode(inner, topic, retained);
  };
}

function notText(encoding: string): DecodeFailure {
  return new DecodeFailure(`The payload is binary, and no text in ${encoding}: read it without unwrapping.`);
}

function finder(path: string): (text: string) => Decoded {
  const get = compilePath(parsePath(path));
  return (text) => {
    const json = readJson(text);
    if (json instanceof DecodeFailure) {
      return json;
    }
    const found = get(json instanceof Rows ? json.rows[0].value : json);
    return typeof found === 'string'
      ? found
      : new DecodeFailure(`There is no text at the path ${JSON.stringify(path)} of this payload.`);
  };
}
