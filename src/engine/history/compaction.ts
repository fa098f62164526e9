import { copyRun, MAX_SPAN, numberAt, type Segment, segmentOf } from './message-segment';

interface Run {
  readonly segment: Segment;
  readonly begin: number;
  readonly end: number;
}

/** Moves runs of messages together into segments that have no room left. */
export class Compaction {
  readonly #segmentBytes: number;
  readonly #segments: Segment[] = [];
  #runs: Run[] = [];
  #bytes = 0;
  #base = 0;

  /** @param segmentBytes so large that a segment is full; a run of more bytes has one of its own. */
  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
  }

  /** Adds a run of whole messages behind the others; the run may be empty. */
  add(segment: Segment, begin: number, end: number): void {
    if (begin === end) {
      return;
    }
    const tooFar = segment.last - this.#base > MAX_SPAN;
    if (this.#runs.length > 0 && (this.#bytes + end - begin > this.#segmentBytes || tooFar)) {
      this.#close();
    }
    if (this.#runs.length === 0) {
      this.#base = numberAt(segment, begin) - 1;
    }
    this.#runs.push({ segment, begin, end });
    this.#bytes += end - begin;
  }

  end(): Segment[] {
    if (this.#runs.length > 0) {
      this.#close();
    }
    return this.#segments;
  }

  #close(): void {
    const [{ segment, begin, end }] = this.#runs;
    if (this.#runs.length === 1 && begin === 0 && end === segment.used) {
      this.#segments.push(segment); // nothing has gone from it
    } else {
      const whole = segmentOf(this.#bytes, this.#base);
      for (const run of this.#runs) {
        copyRun(run, whole);
      }
      this.#segments.push(whole);
    }
    this.#runs = [];
    this.#bytes = 0;
  }
}
