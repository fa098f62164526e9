const MAX_TOPICS = 20_000;

interface Entry {
  readonly bytes: Uint8Array;
  readonly topic: string;
}

const utf8 = new TextDecoder();

/**
 * Topic names by their bytes. The same few topics come again and again; comparing bytes is many times cheaper than
 * decoding them, and the one string per topic has its hash computed already wherever it is looked up.
 */
export class TopicCache {
  readonly #byHash = new Map<number, Entry>();

  /** The text of the bytes from `begin` up to, not including, `end`. */
  get(bytes: Uint8Array, begin: number, end: number): string {
    // FNV-1a, over all bytes: device ids often differ in one digit only.
    let hash = 0x811c9dc5;
    for (let i = begin; i < end; i++) {
      hash = Math.imul(hash ^ bytes[i], 0x01000193);
    }
    const known = this.#byHash.get(hash);
    if (known !== undefined && equal(known.bytes, bytes, begin, end)) {
      return known.topic;
    }
    const topic = utf8.decode(bytes.subarray(begin, end));
    if (this.#byHash.size >= MAX_TOPICS) {
      this.#byHash.clear();
    }
    this.#byHash.set(hash, { bytes: bytes.slice(begin, end), topic });
    return topic;
  }
}

function equal(known: Uint8Array, bytes: Uint8Array, begin: number, end: number): boolean {
  if (known.length !== end - begin) {
    return false;
  }
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== bytes[begin + i]) {
      return false;
    }
  }
  return true;
}
