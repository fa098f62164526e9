/** For tests that ask whether something hangs: how long it takes beside plain JavaScript, whatever the machine. */

/** Less is within what a clock, a collector of garbage and other processes add. */
const FEWEST_BYTES = 50_000;

/** A machine that is busy with something else is not busy with it each time. */
const TRIES = 5;

const json = new TextEncoder().encode(
  JSON.stringify(
    Array.from({ length: 10_000 }, (_, i) => ({ temperature: i / 7, humidity: i / 11, id: `sensor ${i}` }))
  )
);
const utf8 = new TextDecoder();

let lastMsPerByte: number | undefined;

/** What decoding and parsing JSON takes here and now, the least of some runs. */
function msPerByte(): number {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    least = Math.min(
      least,
      msOf(() => JSON.parse(utf8.decode(json)))
    );
  }
  return least / json.length;
}

function msOf(run: () => unknown): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}

/**
 * How many times as long something takes as decoding and parsing so many bytes of JSON, the least of some tries. Of
 * what has no bytes, a number is 8.
 *
 * @param enough at the most that, and it is not tried again.
 * @param run the same each time it is called.
 */
export function costOf(bytes: number, enough: number, run: () => unknown): number {
  const size = Math.max(bytes, FEWEST_BYTES);
  let cost = msOf(run) / ((lastMsPerByte ??= msPerByte()) * size);
  for (let i = 1; cost > enough && i < TRIES; i++) {
    lastMsPerByte = msPerByte();
    cost = Math.min(cost, msOf(run) / (lastMsPerByte * size));
  }
  return cost;
}
