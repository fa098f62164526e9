import { energySensors } from './energy';
import { factorySensors } from './factory';
import { homeSensors } from './home';
import { lorawanSensors } from './lorawan';
import type { Payload, Sensor } from './sensor';
import { sparkplugSensors } from './sparkplug';
import { tasmotaSensors } from './tasmota';
import { weatherSensors } from './weather';
import { zigbeeSensors } from './zigbee';

/** Each set's sensors, for a seed and an amount of trouble. */
const CREATE = {
  home: homeSensors,
  factory: factorySensors,
  energy: energySensors,
  weather: weatherSensors,
  lorawan: lorawanSensors,
  zigbee: zigbeeSensors,
  tasmota: tasmotaSensors,
  sparkplug: sparkplugSensors,
} satisfies Record<string, (seed: number, trouble: number) => Sensor[]>;

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
  /** Other seeds give other days. Default: 1. */
  seed?: number;
  /** How many times as often everything is read; 0.001 to 1,000. Default: 1. */
  rate?: number;
  /**
   * How often things go wrong, in the sets that have such things: messages that are lost, late, doubled or come in a
   * bunch, values that are null or NaN, devices that are offline. 0: never; at most 10. Default: 1.
   */
  trouble?: number;
  /** The clock, in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
  /** Told when a message could not be published; the sensors go on. */
  onError?: (error: unknown) => void;
}

export interface Sensors {
  /** Every topic that is published to. */
  topics: string[];
  /** Topics on which the sensors take commands; none where their sets have none. */
  commands: string[];
  /** To be told what is published on {@link commands}; of other topics it says nothing. */
  hear: (message: { topic: string; payload: Uint8Array }) => void;
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
  { sets = SENSOR_SETS, seed = 1, rate = 1, trouble = 1, now = Date.now, onError = () => {} }: SensorsOptions = {}
): Sensors {
  if (!(rate >= 0.001 && rate <= 1_000)) {
    throw new RangeError(`Expected rate to be 0.001 to 1000, got ${rate}`);
  }
  if (!(trouble >= 0 && trouble <= 10)) {
    throw new RangeError(`Expected trouble to be 0 to 10, got ${trouble}`);
  }
  const sensors = SENSOR_SETS.filter((set) => sets.includes(set)).flatMap((set) => CREATE[set](seed, trouble));
  const last = new Map<Sensor, Payload>();

  function say(sensor: Sensor, time: number, first: boolean): void {
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
        say(sensor, time, ticks === 0);
      }
    }
    ticks += 1;
  };
  // A timer fires once a millisecond at most.
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
    hear: ({ topic, payload }) => {
      for (const command of commands) {
        if (command.topic === topic) {
          command.hear(payload);
        }
      }
    },
    stop: () => clearInterval(timer),
  };
}

async function attempt(action: () => Promise<unknown> | void): Promise<void> {
  await action();
}

/** Milliseconds as the clock on the wall shows them here: days begin at local midnight. */
function wallClock(time: number): number {
  return time - new Date(time).getTimezoneOffset() * MINUTE;
}
