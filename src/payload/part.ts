import { messageOf } from '../utils/errors';
import * as decoded from './decoded';
import { DecodeFailure, type Decoder } from './decoded';
import * as rows from './rows/rows';

/**
 * Parts of the engine that few streams need: each is a file of its own (esbuild.config.mjs), which is loaded when a
 * stream first needs it. In tests, which run the sources, a part is its module.
 */

/**
 * Modules whose exports engine and parts compare by identity: `instanceof DecodeFailure` must hold on both sides. A
 * part is handed these modules instead of a copy of its own.
 */
const SHARED: Readonly<Record<string, object>> = {
  'src/payload/decoded.ts': decoded,
  'src/payload/rows/rows.ts': rows,
};

/** How long the file of a part may take, in milliseconds. A slow network needs time to load it. */
const LOAD_MS = 30_000;

/** A decoder throws this while its code is being loaded, or the payload unpacked: the message is to be decoded again then. */
export class PartPending {
  /** @param loaded resolves when the code is there, or known not to come. Never rejects. */
  constructor(readonly loaded: Promise<void>) {}
}

export class Part<Code extends object> {
  readonly #import: () => Promise<Code>;
  #code: Code | DecodeFailure | undefined;
  #loading: Promise<void> | undefined;

  constructor(importCode: () => Promise<Code>) {
    this.#import = importCode;
  }

  /** Starts to load the code, unless it is there or on its way; once more if it did not come before. Never rejects. */
  async load(): Promise<void> {
    if (this.code === undefined) {
      this.#loading ??= this.#load();
      await this.#loading;
    }
  }

  /** The code if it is there. */
  get code(): Code | undefined {
    return this.#code instanceof DecodeFailure ? undefined : this.#code;
  }

  /**
   * @returns the code, or in words why it did not come.
   * @throws {PartPending} while it is loaded.
   */
  get(): Code | DecodeFailure {
    if (this.#code === undefined) {
      throw new PartPending(this.load());
    }
    return this.#code;
  }

  async #load(): Promise<void> {
    this.#code = undefined;
    try {
      this.#code = await inTime(this.#import());
    } catch (error) {
      this.#code = new DecodeFailure(
        `The browser did not load the part of this plugin that reads the payload: ${messageOf(error)}. Reload the page.`
      );
    }
    this.#loading = undefined;
  }
}

/** A decoder that is made when the part is there that has its code. Starts to load the part. */
export function decoderOf<Code extends object>(part: Part<Code>, create: (code: Code) => Decoder): Decoder {
  if (part.code !== undefined) {
    return create(part.code);
  }
  void part.load();
  let decoder: Decoder | undefined;
  return (bytes, topic, retained) => {
    if (decoder === undefined) {
      const code = part.get();
      if (code instanceof DecodeFailure) {
        return code;
      }
      decoder = create(code);
    }
    return decoder(bytes, topic, retained);
  };
}

/** Loads a part from its file next to the engine's. */
export async function importPart<Code>(file: string): Promise<Code> {
  const { default: link } = (await import(/* @vite-ignore */ new URL(file, import.meta.url).href)) as {
    default: (require: (module: string) => object | undefined) => Code;
  };
  return link((module) => SHARED[module]);
}

function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`its file did not come within ${LOAD_MS / 1_000} s`)), LOAD_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
