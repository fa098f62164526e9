export type Payload = string | Uint8Array;

/** A topic that a device listens to. */
export interface Command {
  topic: string;
  hear(payload: Uint8Array): void;
}

/** What one topic says: when, and what at that time. */
export interface Sensor {
  topic: string;
  /** Milliseconds between readings, at rate 1. */
  every: number;
  /** Whether the broker keeps the last one for who comes later. */
  retain?: boolean;
  /** Publish a reading only when it differs from the last one. */
  onChange?: boolean;
  /**
   * The payload at this time (milliseconds, of the wall clock where the sensor is); several when messages come in a
   * bunch, none when the sensor is silent.
   *
   * @param first whether this is the first time it is asked, when everything that has a state says it
   */
  read(time: number, first: boolean): Payload | Payload[] | undefined;
  /** What its device can be told. */
  command?: Command;
}
