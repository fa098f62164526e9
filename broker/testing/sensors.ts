/** Simulated time, and the messages of demo sensors in it. */
import { afterEach, beforeEach, vi } from 'vitest';
import { startSensors, type SensorMessage, type SensorsOptions } from '../sensors';

/** Start of the simulated time, in milliseconds since 1970. */
export const START = Date.UTC(2026, 10, 23, 14, 0, 0);

/** A message, and the milliseconds since the start of its sensors. */
export type RecordedMessage = SensorMessage & { at: number };

/**
 * Simulates the time in each test of a file: it begins at {@link START}, in UTC on any machine.
 *
 * @param timers false: timers are real, which clients and brokers in the test need
 */
export function simulateTime({ timers = true } = {}): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: START, ...(!timers && { toFake: ['Date'] }) });
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(0);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}

/** Runs sensors for some milliseconds; returns their messages. */
export function recordSensors(lasts: number, options: SensorsOptions): RecordedMessage[] {
  const messages: RecordedMessage[] = [];
  const start = Date.now();
  const sensors = startSensors((message) => void messages.push({ ...message, at: Date.now() - start }), options);
  vi.advanceTimersByTime(lasts);
  sensors.stop();
  return messages;
}
