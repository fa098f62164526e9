import { describe, expect, test, vi } from 'vitest';
import { SENSOR_SETS, startSensors, type PastSensorMessage, type SensorMessage, type SensorsOptions } from '.';
import { recordSensors, simulateTime, START } from '../testing/sensors';
import { HOUR, MINUTE, SECOND } from './signals';

simulateTime();

/** Starts sensors with a past, and runs them for some milliseconds. */
function run(pastSeconds: number, lasts: number, options: SensorsOptions) {
  const past: PastSensorMessage[] = [];
  const live: SensorMessage[] = [];
  vi.setSystemTime(START);
  const sensors = startSensors((message) => void live.push(message), {
    ...options,
    past: { seconds: pastSeconds, record: (messages) => void past.push(...messages) },
  });
  vi.advanceTimersByTime(lasts);
  sensors.stop();
  return { past, live };
}

const withoutTime = ({ topic, payload, retain }: SensorMessage): SensorMessage => ({ topic, payload, retain });

describe.each(SENSOR_SETS.map((set) => ({ set })))('$set', ({ set }) => {
  test('the past and the live messages are those of sensors that were started earlier', () => {
    const { past, live } = run(30 * 60, MINUTE, { sets: [set], seed: 3 });
    vi.setSystemTime(START - HOUR / 2);
    const whole = recordSensors(HOUR / 2 + MINUTE, { sets: [set], seed: 3 });
    expect([...past, ...live].map(withoutTime)).toEqual(whole.map(withoutTime));
    expect(live.length).toBeGreaterThan(0);

    for (const [n, { time, topic }] of past.entries()) {
      const { at } = whole[n];
      expect(time - (START - HOUR / 2), topic).toBeGreaterThanOrEqual(at);
      expect(time - (START - HOUR / 2), topic).toBeLessThan(at + 100);
      expect(time).toBeGreaterThanOrEqual(n === 0 ? 0 : past[n - 1].time);
    }
    expect(past.at(-1)!.time).toBeLessThan(START);
    expect(past.at(-1)!.time).toBeGreaterThanOrEqual(START - 10 * SECOND);
  });
});

test('the past goes on until the sensors are live, also if it takes seconds to record it', () => {
  const times: number[] = [];
  const complete: number[] = [];
  vi.setSystemTime(START);
  const options: SensorsOptions = { sets: ['factory'], seed: 3, faultRate: 0 };
  const sensors = startSensors(({ topic }) => void (topic.endsWith('vibration') && times.push(Date.now())), {
    ...options,
    past: {
      seconds: 30 * 60,
      record: (messages, until) => {
        times.push(...messages.filter(({ topic }) => topic.endsWith('vibration')).map(({ time }) => time));
        complete.push(until);
        expect(Math.max(until, ...messages.map(({ time }) => time))).toBeLessThanOrEqual(Date.now());
        vi.setSystemTime(Date.now() + 97);
      },
    },
  });
  vi.advanceTimersByTime(SECOND);
  sensors.stop();
  const took = complete.length * 97;
  expect(took).toBeGreaterThan(SECOND);
  expect(complete.at(-1)).toBeGreaterThan(START + took - 4 * 97);
  const steps = times.slice(1).map((time, n) => time - times[n]);
  expect(Math.min(...steps)).toBeGreaterThan(0);
  expect(Math.max(...steps)).toBeLessThan(3 * 100);
});

test('a rate at which the past can never be recorded in time ends it all the same', () => {
  let ticks = 0;
  vi.setSystemTime(START);
  startSensors(() => {}, {
    sets: ['factory'],
    rate: 1_000,
    past: {
      seconds: 10,
      record: (messages) => {
        ticks += messages.filter(({ topic }) => topic.endsWith('vibration')).length;
        vi.setSystemTime(Date.now() + 10 * SECOND);
      },
    },
  }).stop();
  expect(ticks).toBeGreaterThanOrEqual(100_000);
  expect(ticks).toBeLessThanOrEqual(110_000);
});

test('no topic has two messages of different sensors at one time: births are before their data', () => {
  const { past } = run(10 * 60, 0, { sets: ['sparkplug'] });
  const timeOf = (type: string): number[] =>
    past.filter(({ topic }) => topic.includes(`/${type}/`)).map(({ time }) => time);
  const births = timeOf('NBIRTH');
  expect(births.length).toBeGreaterThan(4);
  expect(timeOf('DBIRTH')).toEqual(births.flatMap((time) => [time + 1, time + 2]));
  expect(timeOf('DDATA')[0]).toBe(births[0] + 3);
  expect(new Set(past.map(({ time }) => time)).size).toBe(past.length);
});

test('at other rates the past has more or fewer messages, and not more ticks than a day at rate 1', () => {
  const count = (seconds: number, rate: number): number =>
    run(seconds, 0, { sets: ['factory'], rate }).past.filter(({ topic }) => topic.endsWith('vibration')).length;
  expect(count(60, 1)).toBe(600);
  expect(count(60, 0.1)).toBe(60);
  expect(count(6, 100)).toBe(6_000);
  let ticks = 0;
  startSensors(() => {}, {
    sets: ['tasmota'],
    rate: 1_000,
    past: { seconds: 10 * 86_400, record: (messages) => void (ticks += messages.length) },
  }).stop();
  // The set publishes fewer than two messages per second on average
  expect(ticks).toBeGreaterThan(10_000);
  expect(ticks).toBeLessThan(2 * 86_400);
});

test('a past that cannot be recorded is reported, and the sensors start; a negative length is an error', async () => {
  const errors: unknown[] = [];
  const live: SensorMessage[] = [];
  const record = (): Promise<void> => Promise.reject(new Error('no history'));
  const sensors = startSensors((message) => void live.push(message), {
    sets: ['home'],
    past: { seconds: 10, record },
    onError: (error) => errors.push(error),
  });
  await vi.advanceTimersByTimeAsync(SECOND);
  sensors.stop();
  expect(errors).toEqual([new Error('no history')]);
  expect(live.length).toBeGreaterThan(10);
  expect(() => startSensors(() => {}, { past: { seconds: -1, record } })).toThrow('Expected past.seconds to be 0');
});
