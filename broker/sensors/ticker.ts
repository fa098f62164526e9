import type { Payload, Sensor } from './sensor';

export interface SensorMessage {
  topic: string;
  payload: Payload;
  retain: boolean;
}

/** Milliseconds between two ticks at rate 1: the interval of the fastest sensor. */
export const TICK = 100;

/** Reads sensors, each at its own interval. */
export class Ticker {
  readonly #sensors: readonly Sensor[];
  readonly #last = new Map<Sensor, { payload: Payload; time: number }>();
  #ticks = 0;

  constructor(sensors: readonly Sensor[]) {
    this.#sensors = sensors;
  }

  /**
   * Reads the sensors that are due, and counts the tick.
   *
   * @param time local time, as milliseconds since 1970
   * @param emit receives the messages, and the position of each one's sensor in the list
   */
  tick(time: number, emit: (message: SensorMessage, position: number) => void): void {
    for (const [position, sensor] of this.#sensors.entries()) {
      if (this.#ticks % (sensor.every / TICK) === 0) {
        this.#read(sensor, time, (message) => emit(message, position));
      }
    }
    this.#ticks += 1;
  }

  #read(sensor: Sensor, time: number, emit: (message: SensorMessage) => void): void {
    const reading = sensor.read(time, this.#ticks === 0);
    for (const payload of Array.isArray(reading) ? reading : [reading]) {
      if (payload !== undefined && !(sensor.onChange && this.#isKnown(sensor, payload, time))) {
        this.#last.set(sensor, { payload, time });
        emit({ topic: sensor.topic, payload, retain: sensor.retain ?? false });
      }
    }
  }

  #isKnown(sensor: Sensor, payload: Payload, time: number): boolean {
    const last = this.#last.get(sensor);
    return last?.payload === payload && time < last.time + (sensor.repeat ?? Infinity);
  }
}

/** Runs an action; the promise rejects also if the action throws. */
export async function attempt(action: () => Promise<unknown> | void): Promise<void> {
  await action();
}
