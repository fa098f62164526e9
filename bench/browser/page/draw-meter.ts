import type { DataFrame } from '@grafana/data';
import { SAWTOOTH_MS } from '../messages';

/** Times that differ by less are the same, rounded. */
const SAME_MS = 0.05;

/**
 * Counts the frames of the browser in which a canvas changed, and notes when values were first in one. The time is taken when the page has done its part of the frame, before the
 * browser's compositor puts it on the screen.
 */
export class DrawMeter {
  draws = 0;
  /** Milliseconds from the publish of each value. */
  readonly ages: number[] = [];
  /** Rows of the frames that were drawn last. */
  rows = 0;
  #committed: readonly DataFrame[] = [];
  #drawn: readonly DataFrame[] = [];
  #newest = 0;
  #isWaiting = false;
  readonly #channel = new MessageChannel();

  constructor() {
    const drawn = () => this.#strokes();
    // Called with the context as "this".
    // oxlint-disable-next-line typescript/unbound-method
    const { stroke } = CanvasRenderingContext2D.prototype;
    Object.assign(CanvasRenderingContext2D.prototype, {
      stroke(this: CanvasRenderingContext2D, ...path: unknown[]) {
        Reflect.apply(stroke, this, path);
        drawn();
      },
    });
    this.#channel.port1.onmessage = () => this.#shown(performance.timeOrigin + performance.now());
  }

  /** React has given these frames to the plot, which draws them at the end of the same task. */
  commit(frames: readonly DataFrame[]): void {
    this.#committed = frames;
  }

  reset(): void {
    this.draws = 0;
    this.ages.length = 0;
  }

  #strokes(): void {
    this.#drawn = this.#committed;
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      // A message is delivered after the task of the frame.
      requestAnimationFrame(() => this.#channel.port2.postMessage(undefined));
    }
  }

  #shown(now: number): void {
    this.#isWaiting = false;
    this.draws++;
    this.rows = 0;
    for (const { fields, length } of this.#drawn) {
      this.rows += length;
      const sent = ((fields[1]?.values ?? []) as number[]).map((value) => now - ageOf(value, now));
      // The newest are the last ones.
      const from = 1 + sent.findLastIndex((time) => time < this.#newest + SAME_MS);
      this.ages.push(...sent.slice(from).map((time) => now - time));
      this.#newest = Math.max(this.#newest, ...sent.slice(-1));
    }
  }
}

/** @param value the time of publishing modulo `SAWTOOTH_MS`; older values than that look newer. */
function ageOf(value: number, now: number): number {
  return (now - value) % SAWTOOTH_MS;
}
