import { energySensors } from './energy';
import { factorySensors } from './factory';
import { homeSensors } from './home';
import { lorawanSensors } from './lorawan';
import { recordPast, type PastOptions } from './past';
import type { Sensor } from './sensor';
import { sparkplugSensors } from './sparkplug';
import { tasmotaSensors } from './tasmota';
import { attempt, TICK, Ticker, type SensorMessage } from './ticker';
import { wallClock } from './wall-clock';
import { weatherSensors } from './weather';
import { zigbeeSensors } from './zigbee';

export type { PastOptions, PastSensorMessage } from './past';
export type { SensorMessage } from './ticker';

/** Creates the sensors of each set. */
const CREATE = {
  home: homeSensors,
  factory: factorySensors,
  energy: energySensors,
  weather: weatherSensors,
  lorawan: lorawanSensors,
  zigbee: zigbeeSensors,
  tasmota: tasmotaSensors,
  sparkplug: sparkplugSensors,
} satisfies Record<string, (seed: number, faultRate: number) => Sensor[]>;

/** The name of a set of demo sensors; `docs/sensors.md` describes the sets. */
export type SensorSet = keyof typeof CREATE;

/** The names of all sets. */
export const SENSOR_SETS = Object.keys(CREATE) as readonly SensorSet[];

/** Options of {@link startSensors}. */
export interface SensorsOptions {
  /** Default: all. */
  sets?: readonly SensorSet[];
  /** Another seed gives other values. Default: 1. */
  seed?: number;
  /** Factor for the frequency of all readings, 0.001 to 1,000. Default: 1. */
  rate?: number;
  /**
   * Factor for the frequency of faults, 0 (none) to 10. Faults are lost, late, duplicated and bunched messages, values
   * that are null or NaN, and devices that go offline; `home` and `factory` have none. Default: 1.
   */
  faultRate?: number;
  /**
   * Messages of the time before the start, as if the sensors had been running for a while. They are not published; the
   * sensors then go on from the last one. Default: none.
   */
  past?: PastOptions;
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
  /** Called when messages could not be published or recorded; the sensors go on. */
  onError?: (error: unknown) => void;
}

/** Running demo sensors. */
export interface Sensors {
  /** The topics that the sensors publish on. */
  topics: string[];
  /** The topics on which the sensors accept commands; empty for sets without commands. */
  commands: string[];
  /** Handles a message published on one of {@link commands}; ignores other topics. */
  onCommand: (message: { topic: string; payload: Uint8Array }) => void;
  /** Ends all publishing; further calls have no effect. */
  stop: () => void;
}

/**
 * Starts demo sensors: each publishes at once, and then at its own interval. Their messages depend on the seed and the
 * clock only. With `past`, each sensor has published before, and goes on at its interval.
 *
 * @param publish receives the messages, for example `Broker.publish`
 * @throws RangeError when the rate, the fault rate or the length of the past is out of range
 * @example
 * await using broker = await startBroker();
 * const sensors = startSensors(broker.publish, { sets: ['home'], seed: 2, rate: 10 });
 * expect(sensors.topics).toContain('home/kitchen/temperature');
 * sensors.stop();
 */
export function startSensors(
  publish: (message: SensorMessage) => Promise<unknown> | void,
  {
    sets = SENSOR_SETS,
    seed = 1,
    rate = 1,
    faultRate = 1,
    past,
    now = Date.now,
    onError = () => {},
  }: SensorsOptions = {}
): Sensors {
  requireRange('rate', rate, 0.001, 1_000);
  requireRange('faultRate', faultRate, 0, 10);
  const sensors = SENSOR_SETS.filter((set) => sets.includes(set)).flatMap((set) => CREATE[set](seed, faultRate));
  const ticker = new Ticker(sensors);

  const tick = (time: number): void =>
    ticker.tick(wallClock(time), (message) => void attempt(() => publish(message)).catch(onError));
  // A timer fires at most once per millisecond
  const atOnce = Math.max(1, Math.ceil(rate / TICK));
  const ticksDue = (): void => {
    const time = now();
    for (let n = 0; n < atOnce; n += 1) {
      tick(time + (n * TICK) / rate);
    }
  };
  if (past) {
    requireRange('past.seconds', past.seconds, 0, Number.MAX_SAFE_INTEGER);
  }
  tick(past ? recordPast(ticker, now, TICK / rate, past, onError) : now());
  const timer = setInterval(ticksDue, (TICK * atOnce) / rate);
  const commands = sensors.flatMap(({ command }) => command ?? []);
  return {
    topics: [...new Set(sensors.map((sensor) => sensor.topic))],
    commands: commands.map(({ topic }) => topic),
    onCommand: ({ topic, payload }) => {
      for (const command of commands) {
        if (command.topic === topic) {
          command.handle(payload);
        }
      }
    },
    stop: () => clearInterval(timer),
  };
}

function requireRange(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) {
    throw new RangeError(`Expected ${name} to be ${min} to ${max}, got ${value}`);
  }
}
