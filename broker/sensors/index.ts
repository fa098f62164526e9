import { factorySensors } from './factory';
import { homeSensors } from './home';
import type { Sensor } from './sensor';

export type SensorSet = 'home' | 'factory';

export const SENSOR_SETS: readonly SensorSet[] = ['home', 'factory'];

export interface SensorMessage {
  topic: string;
  payload: string;
  retain: boolean;
}

export interface SensorsOptions {
  /** Default: all. */
  sets?: readonly SensorSet[];
  /** Other seeds give other days. Default: 1. */
  seed?: number;
  /** How many times as often everything is read; at most 10. Default: 1. */
  rate?: number;
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
  /** Told when a message could not be published; the sensors go on. */
  onError?: (error: unknown) => void;
}

export interface Sensors {
  /** Every topic that is published to. */
  topics: string[];
  stop: () => void;
}

/** Milliseconds between two looks at the sensors, at rate 1: as often as the fastest of them is read. */
const TICK = 100;
const MINUTE = 60_000;

/**
 * Starts demo sensors: each says something at once, and then at its own pace. What they say depends on nothing but the
 * seed and the clock.
 *
 * @param publish where the messages go, for example `Broker.publish`
 */
export function startSensors(
  publish: (message: SensorMessage) => Promise<unknown> | void,
  { sets = SENSOR_SETS, seed = 1, rate = 1, now = Date.now, onError = () => {} }: SensorsOptions = {}
): Sensors {
  if (!(rate > 0 && rate <= 10)) {
    throw new RangeError(`Expected rate to be more than 0 and at most 10, got ${rate}`);
  }
  const sensors = createSensors(sets, seed);
  const last = new Map<Sensor, string>();

  function say(sensor: Sensor, time: number): void {
    const payload = sensor.read(time);
    if (sensor.onChange && last.get(sensor) === payload) {
      return;
    }
    last.set(sensor, payload);
    void attempt(() => publish({ topic: sensor.topic, payload, retain: sensor.retain ?? false })).catch(onError);
  }

  let ticks = 0;
  const tick = (): void => {
    const time = wallClock(now());
    for (const sensor of sensors) {
      if (ticks % (sensor.every / TICK) === 0) {
        say(sensor, time);
      }
    }
    ticks += 1;
  };
  tick();
  const timer = setInterval(tick, TICK / rate);
  return { topics: sensors.map((sensor) => sensor.topic), stop: () => clearInterval(timer) };
}

function createSensors(sets: readonly SensorSet[], seed: number): Sensor[] {
  const create: Record<SensorSet, (seed: number) => Sensor[]> = { home: homeSensors, factory: factorySensors };
  return SENSOR_SETS.filter((set) => sets.includes(set)).flatMap((set) => create[set](seed));
}

async function attempt(action: () => Promise<unknown> | void): Promise<void> {
  await action();
}

/** Milliseconds as the clock on the wall shows them here: days begin at local midnight. */
function wallClock(time: number): number {
  return time - new Date(time).getTimezoneOffset() * MINUTE;
}
