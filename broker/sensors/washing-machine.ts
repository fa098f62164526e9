import { random, smoothstep, gaussianNoise, MINUTE, round, SECOND, seedFor, smoothNoise } from './signals';
import type { Sensor } from './sensor';

/** One phase of a programme: its duration in milliseconds, and its power in watts. */
interface Phase {
  lasts: number;
  watts(since: number, seed: number, time: number): number;
}

/** Power of the drum's motor, which turns, rests and turns back. */
function drum(since: number, watts: number): number {
  const at = since % (14 * SECOND);
  return at < 10 * SECOND ? watts * smoothstep(at / SECOND) * smoothstep((10 * SECOND - at) / SECOND) : 0;
}

const PROGRAMME: Phase[] = [
  { lasts: 1.5 * MINUTE, watts: (since) => 22 + drum(since, 60) },
  {
    lasts: 6 * MINUTE,
    watts: (since, seed, time) =>
      1_950 * smoothstep(since / (3 * SECOND)) + drum(since, 130) + 18 * smoothNoise(seed, time, 7 * SECOND),
  },
  { lasts: 9 * MINUTE, watts: (since) => 8 + drum(since, 185) },
  { lasts: 4 * MINUTE, watts: (since) => 30 + drum(since, 150) },
  {
    lasts: 3.5 * MINUTE,
    watts: (since, seed, time) =>
      120 +
      480 * smoothstep(since / (50 * SECOND)) * (1 + 0.06 * smoothNoise(seed, time, 2 * SECOND)) +
      drum(since, 15),
  },
  { lasts: 1 * MINUTE, watts: () => 12 },
];
const PROGRAMME_LASTS = PROGRAMME.reduce((sum, phase) => sum + phase.lasts, 0);
/** Milliseconds between two loads: the programme and a pause, short enough that a dashboard soon shows something. */
const ROUND = 30 * MINUTE;
const STANDBY_WATTS = 0.8;
const WATT_SECONDS = cumulativeEnergy();
/** Energy of a whole round, in kWh; about 0.45. */
const ROUND_KWH = energyOf(ROUND);
/** The counter reads 0 at this time (2026-01-01T00:00:00Z), in milliseconds. */
const COUNTER_START = 1_767_225_600_000;

/** Power in watts at a time within a round, without noise. */
function plainWatts(since: number, seed: number, time: number): number {
  let left = since;
  for (const phase of PROGRAMME) {
    if (left < phase.lasts) {
      return phase.watts(left, seed, time);
    }
    left -= phase.lasts;
  }
  return STANDBY_WATTS;
}

/** Energy in kWh since the start of a round, in steps of a second; the noise averages out and is ignored. */
function energyOf(since: number): number {
  return WATT_SECONDS[Math.ceil(since / SECOND)] / 3_600_000;
}

/** Watt-seconds after each second of a round. */
function cumulativeEnergy(): number[] {
  const sums = [0];
  for (let at = 0; at < ROUND; at += SECOND) {
    sums.push(sums[sums.length - 1] + plainWatts(at, 0, 0));
  }
  return sums;
}

/** Power in watts at a time, with noise. */
export function washingPower(seed: number, time: number): number {
  const shift = random(seedFor(seed, 'load'), 0) * (ROUND - PROGRAMME_LASTS);
  const since = (((time - shift) % ROUND) + ROUND) % ROUND;
  const own = seedFor(seed, 'washing machine');
  const watts = plainWatts(since, own, time);
  return Math.max(0, watts * (1 + 0.012 * gaussianNoise(own, time, SECOND)));
}

/** A washing machine on a Tasmota plug: `tele/.../SENSOR` with nested JSON, and its will topic `LWT` with text. */
export function washingMachine(seed: number): Sensor[] {
  const own = seedFor(seed, 'plug');
  return [
    { topic: 'tele/washing-machine/LWT', every: 5 * MINUTE, retain: true, read: () => 'Online' },
    {
      topic: 'tele/washing-machine/SENSOR',
      every: SECOND,
      read: (time) => {
        const power = washingPower(seed, time);
        const voltage =
          231 + 2.5 * smoothNoise(own, time, 8 * MINUTE) + 0.4 * gaussianNoise(own, time, SECOND) - power / 900;
        return JSON.stringify({
          // Tasmota sends local time without a zone
          Time: new Date(time).toISOString().slice(0, 19),
          ENERGY: {
            Total: round(totalEnergy(seed, time), 3),
            Power: Math.round(power),
            Voltage: Math.round(voltage),
            Current: round(power / voltage, 3),
          },
        });
      },
    },
  ];
}

/** Energy in kWh since the counter started; never decreases. */
function totalEnergy(seed: number, time: number): number {
  const shift = random(seedFor(seed, 'load'), 0) * (ROUND - PROGRAMME_LASTS);
  const elapsed = Math.max(0, time - shift - COUNTER_START);
  return Math.floor(elapsed / ROUND) * ROUND_KWH + energyOf(elapsed % ROUND);
}
