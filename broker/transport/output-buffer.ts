/** Larger pieces are not copied: they are sent from where they are. */
const COPY_BYTES = 16 * 1024;

/** The first room of a connection that has sent little before. Node takes such small buffers out of a common piece. */
const SMALLEST_ROOM = 512;
/** What a connection sends at once (64 KiB), and the piece that reaches it. Doubled beyond, half of it would wait unused. */
const LARGEST_ROOM = 64 * 1024 + COPY_BYTES;

/**
 * The bytes that wait to be sent to a client, in as few pieces of memory as possible: a packet of 50 bytes that is an object
 * of its own costs more than its bytes. Without waiting bytes it holds no memory.
 */
export class OutputBuffer {
  /** Pieces that are full, or not copied. They come before {@link bytes}. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** Where {@link reserve} makes room. */
  bytes: Buffer = EMPTY;
  #end = 0;
  /** As much as the last time will be needed the next time, probably. */
  #room = SMALLEST_ROOM;

  /** Number of bytes that wait. */
  get length(): number {
    return this.#pieceBytes + this.#end;
  }

  /** Makes room, to be filled by the caller, in {@link bytes}. @returns the index of its first byte. */
  reserve(count: number): number {
    const at = this.#end;
    if (at + count > this.bytes.length) {
      this.#grow(at + count);
    }
    this.#end = at + count;
    return at;
  }

  add(bytes: Buffer): void {
    if (bytes.length <= COPY_BYTES) {
      const at = this.reserve(bytes.length);
      this.bytes.set(bytes, at);
      return;
    }
    this.#close();
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
  }

  /** Takes out all bytes. */
  take(): Buffer {
    const { length } = this;
    this.#room = Math.min(LARGEST_ROOM, Math.max(SMALLEST_ROOM, length));
    if (this.#pieces.length === 0) {
      const only = this.bytes.subarray(0, length);
      this.#reset();
      return only;
    }
    this.#close();
    const all = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces, length);
    this.#pieces = [];
    this.#pieceBytes = 0;
    return all;
  }

  clear(): void {
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#reset();
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(this.bytes.length * 2, LARGEST_ROOM), this.#room));
    larger.set(this.bytes.subarray(0, this.#end));
    this.bytes = larger;
  }

  /** What was copied so far becomes a piece. */
  #close(): void {
    if (this.#end > 0) {
      this.#pieces.push(this.bytes.subarray(0, this.#end));
      this.#pieceBytes += this.#end;
    }
    this.#reset();
  }

  #reset(): void {
    this.bytes = EMPTY;
    this.#end = 0;
  }
}

const EMPTY = Buffer.alloc(0);
