import {
  random,
  fractalNoise,
  smoothstep,
  gaussianNoise,
  HOUR,
  MINUTE,
  round,
  SECOND,
  seedFor,
  smoothNoise,
  DAY,
} from './signals';
import type { Sensor } from './sensor';
import { utcTime } from './wall-clock';

/** Operating state of a press. */
export type Status = 'running' | 'changeover' | 'fault';

/** Length of a press cycle, in milliseconds: the press runs, and sometimes stops before the end. */
const CYCLE = 6 * MINUTE;
/** Interval between two parts while the press runs, in milliseconds. */
const PART_TIME: Record<string, number> = { line1: 2 * SECOND, line2: 3.2 * SECOND };
const RAMP = 12 * SECOND;

interface Shift {
  /** Milliseconds of the cycle in which the press runs; it stands still for the rest. */
  runs: number;
  stop: Exclude<Status, 'running'>;
}

function shiftOf(seed: number, cycle: number): Shift {
  const draw = random(seed, cycle);
  if (draw < 0.35) {
    return { runs: CYCLE - 40 * SECOND - random(seed + 1, cycle) * 50 * SECOND, stop: 'fault' };
  }
  return draw < 0.75 ? { runs: CYCLE - 45 * SECOND, stop: 'changeover' } : { runs: CYCLE, stop: 'changeover' };
}

interface Press {
  status: Status;
  /** Motor speed as a share of the full speed, 0 to 1. */
  speed: number;
  /** Wear of the bearing, 0 to 1; it rises before a fault stops the press. */
  wear: number;
}

/** State of a line's press at a time. */
export function press(seed: number, line: string, time: number): Press {
  const own = seedFor(seed, line);
  const cycle = Math.floor(time / CYCLE);
  const since = time - cycle * CYCLE;
  const { runs, stop } = shiftOf(own, cycle);
  const running = since < runs;
  const before = shiftOf(own, cycle - 1);
  const rising = before.runs < CYCLE ? smoothstep(since / RAMP) : 1;
  const speed = running ? rising : 1 - smoothstep((since - runs) / (RAMP / 2));
  const wear =
    stop === 'fault' && runs < CYCLE && running ? smoothstep((since - (runs - 70 * SECOND)) / (70 * SECOND)) : 0;
  return { status: running ? 'running' : stop, speed, wear };
}

/** Parts that a line's press has made since midnight. It adds up to 240 cycles, so {@link press} does not include it. */
export function partsSinceMidnight(seed: number, line: string, time: number): number {
  const own = seedFor(seed, line);
  const partTime = PART_TIME[line];
  const midnight = Math.floor(time / DAY) * DAY;
  const cycle = Math.floor(time / CYCLE);
  let parts = 0;
  // A day is a whole number of cycles: at most 240
  for (let n = Math.floor(midnight / CYCLE); n < cycle; n += 1) {
    parts += Math.floor(shiftOf(own, n).runs / partTime);
  }
  return parts + Math.floor(Math.min(time - cycle * CYCLE, shiftOf(own, cycle).runs) / partTime);
}

/** Vibration of the motor along one axis, in mm/s RMS: rotation, bearing wear and the strokes of the press. */
export function vibration(seed: number, line: string, axis: 'x' | 'y' | 'z', time: number): number {
  const own = seedFor(seedFor(seed, line), axis);
  const { speed, wear } = press(seed, line, time);
  const gain = { x: 1, y: 0.8, z: 0.55 }[axis];
  const turning = 1.7 * speed * (1 + 0.25 * fractalNoise(own, time, 4 * MINUTE));
  const beat = 0.28 * speed * Math.sin((2 * Math.PI * time) / 1_700 + own);
  const stroke = 0.55 * speed * Math.max(0, Math.sin((2 * Math.PI * time) / PART_TIME[line])) ** 8;
  const bearing = 3.4 * wear * (1 + 0.3 * smoothNoise(own + 4, time, 600));
  return Math.max(
    0,
    gain * (0.12 + turning + beat + stroke + bearing) + 0.06 * (0.3 + speed) * gaussianNoise(own, time, 100)
  );
}

export interface MotorReport {
  /** Revolutions per minute. */
  speed: number;
  /** mm/s RMS */
  vibration: { x: number; y: number; z: number };
  /** °C */
  bearing: { temperature: number };
}

/**
 * What a line's alarms say at a time, as JSON: a warning when the bearing begins to wear, an alarm when a fault stops the
 * press, and the same with its end when the press runs again. Undefined at all other times.
 */
export function alarm(seed: number, line: string, time: number): string | undefined {
  const now = press(seed, line, time);
  const before = press(seed, line, time - SECOND);
  const say = (severity: string, title: string, text: string, times: object): string =>
    JSON.stringify({ severity, title, text, ...times });
  const stamp = (at: number): number => utcTime(at) / SECOND;
  if (before.wear < 0.3 && now.wear >= 0.3) {
    const level = round(vibration(seed, line, 'x', time), 1);
    return say('warning', 'Bearing wear', `vibration ${level} mm/s and rising`, { time: stamp(time) });
  }
  if (now.status === 'fault' && before.status !== 'fault') {
    return say('critical', 'Press stopped', 'bearing protection', { time: stamp(time) });
  }
  if (now.status !== 'fault' && before.status === 'fault') {
    const cycle = Math.floor((time - SECOND) / CYCLE);
    const since = Math.ceil((cycle * CYCLE + shiftOf(seedFor(seed, line), cycle).runs) / SECOND) * SECOND;
    const seconds = Math.round((time - since) / SECOND);
    const times = { time: stamp(since), end_time: stamp(time) };
    return say('cleared', 'Press stopped', `back after ${seconds} s`, times);
  }
  return undefined;
}

/** Report of a line's motor, as its gateway sends it. */
export function motor(seed: number, line: string, time: number): MotorReport {
  const own = seedFor(seed, `${line} motor`);
  const { speed, wear } = press(seed, line, time);
  const rpm =
    speed * (1_480 + 9 * fractalNoise(own, time, 2 * MINUTE)) +
    (speed > 0.02 ? 2 * gaussianNoise(own, time, SECOND) : 0);
  // The bearing warms slowly: it follows the load of the last minutes, not the current speed
  const load = [0, 40, 80, 120].reduce((sum, ago) => sum + press(seed, line, time - ago * SECOND).speed, 0) / 4;
  const bearing = 31 + 21 * load + 3 * fractalNoise(own + 2, time, 35 * MINUTE) + 7 * wear;
  return {
    speed: Math.max(0, Math.round(rpm)),
    vibration: {
      x: round(vibration(seed, line, 'x', time), 3),
      y: round(vibration(seed, line, 'y', time), 3),
      z: round(vibration(seed, line, 'z', time), 3),
    },
    bearing: { temperature: round(bearing + 0.05 * gaussianNoise(own + 5, time, SECOND), 1) },
  };
}

/** Temperature of a curing oven, in °C: a two-point controller swings around its set point in a leaning saw-tooth. */
export function ovenTemperature(seed: number, time: number): number {
  const own = seedFor(seed, 'oven');
  const at = ((time + 40 * SECOND * smoothNoise(own, time, 20 * MINUTE)) % (150 * SECOND)) / (150 * SECOND);
  const saw = at < 0.35 ? smoothstep(at / 0.35) : 1 - (at - 0.35) / 0.65;
  return 178 + 5.5 * saw + 1.2 * fractalNoise(own + 1, time, HOUR);
}

/** A small factory of two lines, each with a press and its motor: text, a counter, JSON, alarms, fast numbers. */
export function factorySensors(seed: number): Sensor[] {
  const sensors: Sensor[] = ['line1', 'line2'].flatMap((line) => [
    {
      topic: `factory/${line}/press/status`,
      every: SECOND,
      retain: true,
      onChange: true,
      repeat: MINUTE,
      read: (time: number) => press(seed, line, time).status,
    },
    {
      topic: `factory/${line}/press/parts`,
      every: SECOND,
      retain: true,
      read: (time: number) => String(partsSinceMidnight(seed, line, time)),
    },
    { topic: `factory/${line}/motor`, every: SECOND, read: (time: number) => JSON.stringify(motor(seed, line, time)) },
    { topic: `factory/${line}/alarms`, every: SECOND, read: (time: number) => alarm(seed, line, time) },
  ]);
  sensors.push(
    {
      topic: 'factory/line1/motor/vibration',
      every: 100,
      read: (time) => String(round(vibration(seed, 'line1', 'x', time), 3)),
    },
    {
      topic: 'factory/line2/oven/temperature',
      every: SECOND,
      read: (time) => String(round(ovenTemperature(seed, time) + 0.08 * gaussianNoise(seed, time, SECOND), 1)),
    }
  );
  return sensors;
}
