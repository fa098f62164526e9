/** Compares durations with plain JavaScript on the same machine, for tests that must notice when something hangs. */

/** Below this size, the clock and the garbage collector dominate. */
const FEWEST_BYTES = 50_000;

/** Another process does not slow down every try. */
const TRIES = 5;

const json = new TextEncoder().encode(
  JSON.stringify(
    Array.from({ length: 10_000 }, (_, i) => ({ temperature: i / 7, humidity: i / 11, id: `sensor ${i}` }))
  )
);
const utf8 = new TextDecoder();

let lastMsPerByte: number | undefined;

/** The time to decode and parse JSON at the moment: the shortest of several runs, in milliseconds per byte. */
function msPerByte(): number {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    least = Math.min(
      least,
      cpuMsOf(() => JSON.parse(utf8.decode(json)))
    );
  }
  return least / json.length;
}

/** The time of the processor that something takes, in milliseconds: other processes do not lengthen it. */
export function cpuMsOf(run: () => unknown): number {
  const began = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

/**
 * How many times as long something takes as decoding and parsing so many bytes of JSON: the smallest of several tries.
 *
 * @param bytes the size of the input. For input without bytes, count 8 per number.
 * @param enough a result up to this is not measured again.
 * @param run must do the same each time.
 */
export function costOf(bytes: number, enough: number, run: () => unknown): number {
  const size = Math.max(bytes, FEWEST_BYTES);
  let cost = cpuMsOf(run) / ((lastMsPerByte ??= msPerByte()) * size);
  for (let i = 1; cost > enough && i < TRIES; i++) {
    lastMsPerByte = msPerByte();
    cost = Math.min(cost, cpuMsOf(run) / (lastMsPerByte * size));
  }
  return cost;
}
