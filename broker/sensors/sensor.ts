/** What one topic says: when, and what at that time. */
export interface Sensor {
  topic: string;
  /** Milliseconds between readings, at rate 1. */
  every: number;
  /** Whether the broker keeps the last one for who comes later. */
  retain?: boolean;
  /** Publish a reading only when it differs from the last one. */
  onChange?: boolean;
  /** The payload at this time (milliseconds, of the wall clock where the sensor is). */
  read(time: number): string;
}
