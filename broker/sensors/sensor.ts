export type Payload = string | Uint8Array;

/** A command topic of a device. */
export interface Command {
  topic: string;
  handle(payload: Uint8Array): void;
}

/** One topic of a device: how often it publishes, and the payload at a time. */
export interface Sensor {
  topic: string;
  /** Milliseconds between readings, at rate 1. */
  every: number;
  /** Whether the messages are retained. */
  retain?: boolean;
  /** Publish a reading only when it differs from the last one. */
  onChange?: boolean;
  /** With `onChange`: milliseconds after which a reading is published again, as devices do that report their state. */
  repeat?: number;
  /**
   * The payload at a time: several payloads for bunched messages, none when the sensor publishes nothing.
   *
   * @param time local time, as milliseconds since 1970
   * @param first whether this is the first reading, at which every sensor with a state publishes it
   */
  read(time: number, first: boolean): Payload | Payload[] | undefined;
  /** The commands that the device accepts. */
  command?: Command;
}
