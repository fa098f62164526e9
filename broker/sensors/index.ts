import { energySensors } from './energy';
import { factorySensors } from './factory';
import { homeSensors } from './home';
import { lorawanSensors } from './lorawan';
import type { Payload, Sensor } from './sensor';
import { sparkplugSensors } from './sparkplug';
import { tasmotaSensors } from './tasmota';
import { weatherSensors } from './weather';
import { zigbeeSensors } from './zigbee';

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

export type SensorSet = keyof typeof CREATE;

export const SENSOR_SETS = Object.keys(CREATE) as readonly SensorSet[];

export interface SensorMessage {
  topic: string;
  payload: Payload;
  retain: boolean;
}

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
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
  /** Called when a message could not be published; the sensors go on. */
  onError?: (error: unknown) => void;
}

export interface Sensors {
  /** The topics that the sensors publish on. */
  topics: string[];
  /** The topics on which the sensors accept commands; empty for sets without commands. */
  commands: string[];
  /** Handles a message published on one of {@link commands}; ignores other topics. */
  onCommand: (message: { topic: string; payload: Uint8Array }) => void;
  stop: () => void;
}

/** Milliseconds between two ticks at rate 1: the interval of the fastest sensor. */
const TICK = 100;
const MINUTE = 60_000;

/**
 * Starts demo sensors: each publishes at once, and then at its own interval. Their messages depend on the seed and the
 * clock only.
 *
 * @param publish receives the messages, for example `Broker.publish`
 * @throws RangeError when the rate or the fault rate is out of range
 * @example
 * await using broker = await startBroker();
 * const sensors = startSensors(broker.publish, { sets: ['home'], seed: 2, rate: 10 });
 * expect(sensors.topics).toContain('home/kitchen/temperature');
 * sensors.stop();
 */
export function startSensors(
  publish: (message: SensorMessage) => Promise<unknown> | void,
  { sets = SENSOR_SETS, seed = 1, rate = 1, faultRate = 1, now = Date.now, onError = () => {} }: SensorsOptions = {}
): Sensors {
  if (!(rate >= 0.001 && rate <= 1_000)) {
    throw new RangeError(`Expected rate to be 0.001 to 1000, got ${rate}`);
  }
  if (!(faultRate >= 0 && faultRate <= 10)) {
    throw new RangeError(`Expected faultRate to be 0 to 10, got ${faultRate}`);
  }
  const sensors = SENSOR_SETS.filter((set) => sets.includes(set)).flatMap((set) => CREATE[set](seed, faultRate));
  const last = new Map<Sensor, Payload>();

  function publishReading(sensor: Sensor, time: number, first: boolean): void {
    const reading = sensor.read(time, first);
    for (const payload of Array.isArray(reading) ? reading : [reading]) {
      if (payload !== undefined && !(sensor.onChange && last.get(sensor) === payload)) {
        last.set(sensor, payload);
        void attempt(() => publish({ topic: sensor.topic, payload, retain: sensor.retain ?? false })).catch(onError);
      }
    }
  }

  let ticks = 0;
  const tick = (time: number): void => {
    for (const sensor of sensors) {
      if (ticks % (sensor.every / TICK) === 0) {
        publishReading(sensor, time, ticks === 0);
      }
    }
    ticks += 1;
  };
  // A timer fires at most once per millisecond
  const atOnce = Math.max(1, Math.ceil(rate / TICK));
  const ticksDue = (): void => {
    const time = wallClock(now());
    for (let n = 0; n < atOnce; n += 1) {
      tick(time + (n * TICK) / rate);
    }
  };
  tick(wallClock(now()));
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

async function attempt(action: () => Promise<unknown> | void): Promise<void> {
  await action();
}

/** Local time as milliseconds since 1970, so that days begin at local midnight. */
function wallClock(time: number): number {
  return time - new Date(time).getTimezoneOffset() * MINUTE;
}
