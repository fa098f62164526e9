// oxlint-disable no-underscore-dangle -- mqtt.js sets `_write` and `_read`
/**
 * In place of the package `readable-stream` (49 kB): the streams of mqtt.js and of the transport. They never pause,
 * because a WebSocket cannot be paused: what has come is in memory already. What is left out, as reading without `pipe`,
 * half-open streams and encodings, throws where it is called, because there is no such method.
 */
import { EventEmitter } from 'events';

type Done = (error?: Error | null) => void;

interface Queued {
  readonly chunk: Uint8Array;
}

interface Options {
  readonly write?: (chunk: Uint8Array, encoding: string, done: Done) => void;
  readonly writev?: (chunks: Queued[], done: Done) => void;
  readonly final?: (done: Done) => void;
  readonly destroy?: (error: Error | null, done: Done) => void;
}

/** Bytes: from here on, `write` returns false, and `drain` follows. As in the package. */
const HIGH_WATER_MARK = 16 * 1024;

const encoder = new TextEncoder();

export class Writable extends EventEmitter {
  destroyed = false;
  /** mqtt.js sets it on the stream that feeds its parser. */
  _write: NonNullable<Options['write']>;
  readonly #options: Options;
  readonly #queue: Queued[] = [];
  /** Bytes that are not written, with those that are on their way. */
  #bytes = 0;
  #corked = 0;
  #isWriting = false;
  #isFlushing = false;
  #needsDrain = false;
  #isEnding = false;
  #isFinished = false;

  constructor(options: Options = {}) {
    super();
    this.#options = options;
    this._write = (chunk, encoding, done) => options.write?.(chunk, encoding, done);
  }

  /** @returns false if the caller is to wait for `drain`, or if nothing can be written any more. */
  write(data: Uint8Array | string): boolean {
    if (this.destroyed) {
      return false;
    }
    if (this.#isEnding) {
      this.destroy(Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' }));
      return false;
    }
    const chunk = typeof data === 'string' ? encoder.encode(data) : data;
    this.#bytes += chunk.length;
    this.#queue.push({ chunk });
    // Before the chunk is written, which may be at once
    const isFull = this.#bytes >= HIGH_WATER_MARK;
    this.#needsDrain ||= isFull;
    this.#flush();
    return !isFull && !this.destroyed;
  }

  /** Collects what is written until {@link uncork}: mqtt-packet writes a packet in pieces. */
  cork(): void {
    this.#corked++;
  }

  uncork(): void {
    if (this.#corked > 0) {
      this.#corked--;
      this.#flush();
    }
  }

  /** Writes what there is, and then nothing more. @param finished called after that, unless the stream is destroyed before. */
  end(finished?: () => void): this {
    if (finished !== undefined) {
      this.once('finish', finished);
    }
    this.#isEnding = true;
    this.#corked = 0;
    this.#flush();
    return this;
  }

  destroy(error: Error | null = null): this {
    if (!this.destroyed) {
      this.destroyed = true;
      this.#queue.length = 0;
      const closed: Done = (reason) =>
        queueMicrotask(() => {
          if (reason) {
            this.emit('error', reason);
          }
          this.emit('close');
        });
      const { destroy } = this.#options;
      if (destroy === undefined) {
        closed(error);
      } else {
        destroy(error, closed);
      }
    }
    return this;
  }

  /** A loop, because a thousand chunks whose writes end at once would be as many calls in each other. */
  #flush(): void {
    if (this.#isFlushing) {
      return;
    }
    this.#isFlushing = true;
    try {
      while (this.#queue.length > 0 && !this.#isWriting && this.#corked === 0) {
        this.#writeNext();
      }
    } finally {
      this.#isFlushing = false;
    }
    this.#finish();
  }

  #writeNext(): void {
    const { writev } = this.#options;
    this.#isWriting = true;
    if (writev !== undefined && this.#queue.length > 1) {
      const pieces = this.#queue.splice(0);
      const bytes = pieces.reduce((sum, { chunk }) => sum + chunk.length, 0);
      writev(pieces, (error) => this.#written(bytes, error));
    } else {
      const { chunk } = this.#queue.shift()!;
      this._write(chunk, 'buffer', (error) => this.#written(chunk.length, error));
    }
  }

  #written(bytes: number, error: Error | null | undefined): void {
    this.#isWriting = false;
    this.#bytes -= bytes;
    if (error) {
      this.destroy(error);
    } else if (this.#isFlushing) {
      // Not within the call of `write`, whose caller listens only after it has returned
      queueMicrotask(() => this.#drain());
    } else {
      this.#flush();
      this.#drain();
    }
  }

  #drain(): void {
    if (this.#needsDrain && this.#bytes === 0 && !this.#isEnding && !this.destroyed) {
      this.#needsDrain = false;
      this.emit('drain');
    }
  }

  #finish(): void {
    if (this.#isEnding && !this.#isFinished && !this.#isWriting && this.#queue.length === 0 && !this.destroyed) {
      this.#isFinished = true;
      const { final } = this.#options;
      const finished: Done = (error) => {
        if (error) {
          this.destroy(error);
        } else {
          queueMicrotask(() => this.emit('finish'));
        }
      };
      if (final === undefined) {
        finished();
      } else {
        final(finished);
      }
    }
  }
}

export class Duplex extends Writable {
  #reader: Writable | undefined;
  /** What came before there was a reader. */
  #unread: Uint8Array[] = [];

  push(chunk: Uint8Array): void {
    if (this.destroyed) {
      return;
    }
    if (this.#reader === undefined) {
      this.#unread.push(chunk);
    } else {
      this.#reader.write(chunk);
    }
  }

  pipe(reader: Writable): Writable {
    this.#reader = reader;
    this.#unread.forEach((chunk) => reader.write(chunk));
    this.#unread = [];
    return reader;
  }
}

/** mqtt.js's store reads its packets from one, whose `_read` pushes the next packet at once, or null after the last. */
export class Readable extends EventEmitter {
  _read?: () => void;
  #next: unknown = null;
  #hasEnded = false;

  push(packet: unknown): void {
    this.#next = packet;
    if (packet === null && !this.#hasEnded) {
      this.#hasEnded = true;
      queueMicrotask(() => this.emit('end'));
    }
  }

  read(): unknown {
    if (!this.#hasEnded) {
      this._read?.();
    }
    return this.#next;
  }
}
