// A process that measures one thing whenever it is told to, so that two builds can take turns: see in-turns.ts.
import { consume, type Contestant, countFor } from '../compare';
import { FULL, type Pace, SHORT } from '../measurement';
import { ours as append } from '../micro/append';
import { ours as decode } from '../micro/decode';
import { ours as packet, OPTIONS, REDUCED } from '../micro/packet';
import { filters } from '../node/flat';
import { keep } from '../node/kept';
import { LivePath, type LivePathOptions } from '../node/live-path';
import { bytesPerPoint } from '../node/memory';
import { threadMicros } from '../node/thread-time';

const SAMPLE_MS = 20;
/** Rows that a tick adds to each series. */
const ROWS_PER_TICK = 500;
const RECORDING = { bytes: 2_000_000, ageMs: Infinity };
const KEPT_S = 330;

/** One sample. */
type Sample = () => number | Promise<number>;

const MAKE = {
  append100: (pace) => operations(append(100), pace),
  append1: (pace) => operations(append(1), pace),
  decode: (pace) => operations(decode(), pace),
  packet: (pace) => operations(packet(false, OPTIONS), pace),
  pushed: (pace) => operations(packet(true, OPTIONS), pace),
  reduced: (pace) => operations(packet(true, REDUCED), pace),
  memory: () => bytesPerPoint,
  kept:
    ({ short }) =>
    async () =>
      (await keep(short ? 1 : KEPT_S)).seconds,
  keptBytes:
    ({ short }) =>
    async () =>
      (await keep(short ? 1 : KEPT_S)).bytes,
  rows1k: (pace) => message({ keepRows: 1_000 }, pace),
  rows10k: (pace) => message({}, pace),
  rows100k: (pace) => message({ keepRows: pace.short ? 20_000 : 100_000 }, pace),
  panels5: (pace) => message({ panels: 5 }, pace),
  panels20: (pace) => message({ panels: 20 }, pace),
  response: (pace) => path({}, pace, 'packetNs'),
  response20: (pace) => path({ panels: 20 }, pace, 'packetNs'),
  filters100: (pace) => message({ otherFilters: filters(99) }, pace),
  filters10k: (pace) => message({ otherFilters: filters(pace.short ? 199 : 9_999) }, pace),
  stored: (pace) => message({ recording: RECORDING }, pace),
} satisfies Record<string, (pace: Pace) => Sample | Promise<Sample>>;

export type SampleName = keyof typeof MAKE;

/** Processor time of an operation, in nanoseconds. */
function operations(run: Contestant, { short }: Pace): Sample {
  const n = countFor(run, short ? 1 : SAMPLE_MS);
  return () => {
    const began = threadMicros();
    consume(run(n));
    return (1e3 * (threadMicros() - began)) / n;
  };
}

function message(options: LivePathOptions, pace: Pace): Promise<Sample> {
  return path(options, pace, 'messageNs');
}

/** Processor time of a message, or of the response to a panel, in nanoseconds. */
async function path(options: LivePathOptions, { short }: Pace, cost: 'messageNs' | 'packetNs'): Promise<Sample> {
  const live = await LivePath.open(options);
  // Fills the windows and the ring, and lets everything be compiled.
  await live.measure(short ? 2 : (options.keepRows ?? 10_000) / ROWS_PER_TICK + 10);
  return async () => (await live.measure(short ? 1 : 3))[cost];
}

let sample: Sample = () => NaN;

process.on('message', ({ prepare }: { prepare?: SampleName }) => {
  const answer = async (): Promise<number> => {
    if (prepare === undefined) {
      return await sample();
    }
    globalThis.gc?.();
    sample = await MAKE[prepare](process.argv.includes('--short') ? SHORT : FULL);
    return 0;
  };
  answer().then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ failure: String(error) })
  );
});
process.once('disconnect', () => process.exit(1));
