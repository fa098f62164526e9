import { attempt, type SensorMessage, type Ticker } from './ticker';
import { wallClock } from './wall-clock';

/** A message of the time before the sensors were started. */
export interface PastSensorMessage extends SensorMessage {
  /** Milliseconds since 1970. */
  time: number;
}

export interface PastOptions {
  /** Length of the past, in seconds; at most a day at rate 1, and as many readings at other rates. */
  seconds: number;
  /**
   * Receives the messages in the order of time, in batches, while `startSensors` runs: `Broker.importHistory`.
   *
   * @param until the messages are complete until this time, in milliseconds since 1970
   */
  record: (messages: PastSensorMessage[], until: number) => Promise<unknown> | void;
}

/** Maximum ticks of the past: a day at rate 1. */
const MAX_TICKS = 864_000;
/** Messages that are recorded together. */
const BATCH = 1_000;

/** Further ticks for the time that the recording takes, as a part of the ticks of the past. */
const MAX_MORE = 0.1;

/**
 * Records the messages of the ticks before now. Recording an hour takes seconds, in which no sensor can publish: it goes on
 * with the ticks of these seconds, so that there is no hole before the first live message. At rates that are too high for
 * that, a hole remains.
 *
 * Sensors that are read at the same tick publish a millisecond after each other, so that a reader who merges topics by time
 * sees a birth before its data.
 *
 * @returns the time of the next tick
 */
export function recordPast(
  ticker: Ticker,
  now: () => number,
  interval: number,
  { seconds, record }: PastOptions,
  onError: (error: unknown) => void
): number {
  let batch: PastSensorMessage[] = [];
  const recordBatch = (until: number): void => {
    const messages = batch;
    batch = [];
    void attempt(() => record(messages, until)).catch(onError);
  };
  const room = Math.max(0, Math.floor(interval) - 1);
  const start = now();
  const ticks = Math.min(MAX_TICKS, Math.floor((seconds * 1_000) / interval));
  const timeOf = (tick: number): number => start + tick * interval;
  let next = -ticks;
  while (next < 0 || (next < ticks * MAX_MORE && timeOf(next + 1) <= now())) {
    const time = timeOf(next);
    ticker.tick(wallClock(time), (message, position) => {
      // Not as soon as there are so many: the last batch says until when the past is complete, and must have a message
      if (batch.length >= BATCH) {
        recordBatch(time);
      }
      batch.push({ ...message, time: Math.floor(time) + Math.min(position, room) });
    });
    next += 1;
  }
  recordBatch(timeOf(next));
  return timeOf(next);
}
