import { NumberBuffer } from '../payload';
import { BatchFlow } from './batch-flow';
import type { EnginePort } from './protocol';
import type { Stream } from './stream';

/** Sends the page what its streams have, together, as often as it shows and takes it. */
export class BatchSender {
  readonly #port: EnginePort;
  readonly #dirty = new Set<Stream>();
  readonly #flow = new BatchFlow();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: EnginePort) {
    this.#port = port;
  }

  /** Whether the page may get a further batch, so that nothing is given up. */
  get hasRoom(): boolean {
    return this.#flow.hasRoom;
  }

  /** A stream has something for the page. */
  changed(stream: Stream): void {
    this.#dirty.add(stream);
    const isEarlier = this.#flow.add(stream.tickMs);
    if (stream.aboveHighWaterMark && this.#flow.hasRoom) {
      clearTimeout(this.#timer);
      this.flush();
    } else if (this.#timer === undefined) {
      this.schedule();
    } else if (isEarlier) {
      this.#reschedule();
    }
  }

  /** The page shows a stream this often; what waits for the next batch may be due earlier then. */
  setTick(stream: Stream | undefined, ms: number): void {
    if (stream !== undefined) {
      stream.tickMs = ms;
      if (this.#dirty.has(stream) && this.#flow.shorten(ms)) {
        this.#reschedule();
      }
    }
  }

  /** A stream is gone, with what it had. */
  delete(stream: Stream): void {
    this.#dirty.delete(stream);
  }

  /** The page has taken a batch. {@link schedule} the next one when nothing more is to be added to it now. */
  acknowledged(): void {
    this.#flow.acknowledged();
  }

  schedule(): void {
    const { waitMs } = this.#flow;
    if (this.#dirty.size > 0 && waitMs !== undefined && this.#timer === undefined) {
      // Not at once even after a quiet while: what the same chunk of the socket brings belongs to the same batch.
      this.#timer = setTimeout(() => this.flush(), waitMs);
    }
  }

  #reschedule(): void {
    this.stop();
    this.schedule();
  }

  /** Sends a batch now, whether the page has taken the last one or not. */
  flush(): void {
    this.#timer = undefined;
    this.#flow.take();
    const dirty = [...this.#dirty];
    const buffer = new NumberBuffer(dirty.reduce((sum, stream) => sum + stream.numbers, 0));
    const streams = dirty.map((stream) => stream.take(buffer)).filter((batch) => batch !== undefined);
    this.#dirty.clear();
    if (streams.length > 0) {
      // Its memory moves to the page instead of being copied.
      this.#port.postMessage({ type: 'batch', streams }, [buffer.floats.buffer as ArrayBuffer]);
      this.#flow.sent(streams);
    }
  }

  /** Sends no further batch by itself. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
