import { TICK_MS } from '../../src/engine/tick';
import { CircularFrame, type SeriesView, toFrames } from '../../src/frames';
import * as lines from '../../src/frames/lines';
import { SeriesBuilder } from '../../src/payload';
import type { Measurement, Pace } from '../measurement';
import { median, quantile } from '../stats';

const PER_SECOND = 5_000;
const SECONDS = 20;
const TOPICS = 10;
const MOST_MS = 5;
const MOST_NEW_PER_SECOND = 200;
const MOST_LINES = 2_000;
const OPTIONS = { refId: 'A', window: { from: 0, to: Infinity }, legend: undefined, alone: false };

/** Row 18: a live log while lines come fast: what a response costs, and the lines that Grafana is handed in 20 s. */
export function logs(pace: Pace): Measurement[] {
  const log = new Log();
  const ticks = pace.short ? 10 : (SECONDS * 1_000) / TICK_MS;
  // The window of the panel fills, and everything is compiled.
  for (let tick = 0; tick < ticks; tick++) {
    log.tick();
    log.response();
  }
  const seen = new Set(log.response());
  const known = seen.size;
  let most = 0;
  const ms: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    log.tick();
    const began = process.hrtime.bigint();
    const ids = log.response();
    ms.push(Number(process.hrtime.bigint() - began) / 1e6);
    ids.forEach((id) => seen.add(id));
    most = Math.max(most, ids.length);
  }
  const fresh = seen.size - known;
  const seconds = (ticks * TICK_MS) / 1_000;
  const typical = median(ms);
  return [
    {
      row: 18,
      what: 'a response of a log at 5,000 messages/s, ten topics',
      ours: { value: typical, unit: 'ms' },
      target: `under ${MOST_MS} ms, at most ${MOST_NEW_PER_SECOND} new lines a second and ${MOST_LINES} in all`,
      met: typical < MOST_MS && fresh <= MOST_NEW_PER_SECOND * seconds && most <= MOST_LINES,
      note: `99th percentile ${quantile(ms, 0.99).toFixed(1)} ms; ${fresh} new lines of ${PER_SECOND * seconds} in ${seconds} s, at most ${most} at once`,
    },
  ];
}

/** The stored rows of a log whose lines are JSON. */
class Log {
  readonly #series: SeriesView[] = [];
  readonly #builders: SeriesBuilder[] = [];
  #messages = 0;

  constructor() {
    for (let i = 0; i < TOPICS; i++) {
      const topic = `plant/line${i}/log`;
      this.#series.push({ topic, labels: {}, frame: new CircularFrame(PER_SECOND * SECONDS) });
      this.#builders.push(new SeriesBuilder(i, topic, PER_SECOND * SECONDS));
    }
  }

  tick(): void {
    for (let i = 0; i < (PER_SECOND * TICK_MS) / 1_000; i++) {
      const n = this.#messages++;
      this.#builders[n % TOPICS].add(1_700_000_000_000 + (n * 1_000) / PER_SECOND, {
        level: n % 50 === 0 ? 'warn' : 'info',
        message: `request ${n} took ${n % 90} ms`,
        status: 200,
        host: `pump-${n % 7}`,
      });
    }
    this.#builders.forEach((builder, i) => this.#series[i].frame.append(builder.take()!));
  }

  /** @returns the ids of the lines. */
  response(): readonly string[] {
    const [{ fields }] = toFrames('logs', this.#series, OPTIONS, lines);
    return fields.find(({ name }) => name === 'id')!.values as string[];
  }
}
