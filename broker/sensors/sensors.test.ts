import { describe, expect, test, vi } from 'vitest';
import { startSensors, type SensorMessage, type SensorsOptions } from '.';
import { recordSensors, simulateTime, START, type RecordedMessage } from '../testing/sensors';
import { utcTime } from './wall-clock';
import { alarm, ovenTemperature, partsSinceMidnight, press, vibration } from './factory';
import { outdoors, room } from './home';
import {
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  daily,
  random,
  fractalNoise,
  smoothstep,
  episode,
  gaussianNoise,
  laggedResponse,
  round,
  smoothNoise,
} from './signals';
import { washingPower } from './washing-machine';

simulateTime();

/** The messages of the house and the factory within some milliseconds. */
const listen = (lasts: number, options: SensorsOptions = {}): RecordedMessage[] =>
  recordSensors(lasts, { sets: ['home', 'factory'], ...options });

const series = (lasts: number, step: number, f: (time: number) => number): number[] =>
  Array.from({ length: Math.floor(lasts / step) }, (_, n) => f(START + n * step));
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const steps = (values: number[]): number[] => values.slice(1).map((value, n) => Math.abs(value - values[n]));

describe('startSensors', () => {
  test('the same seed and clock give the same messages, another seed gives others', () => {
    const first = listen(10 * SECOND, { seed: 7 });
    vi.setSystemTime(START);
    expect(listen(10 * SECOND, { seed: 7 })).toEqual(first);
    vi.setSystemTime(START);
    expect(listen(10 * SECOND, { seed: 8 })).not.toEqual(first);
  });

  test('every sensor publishes at once, so that a dashboard starts full', () => {
    const messages = listen(0);
    const { topics, stop } = startSensors(() => {}, { sets: ['home', 'factory'] });
    stop();
    // But for events, which there may be none of
    expect(messages.map(({ topic }) => topic)).toEqual(topics.filter((topic) => !topic.endsWith('/alarms')));
    expect(new Set(topics).size).toBe(topics.length);
    expect(topics).toEqual(
      expect.arrayContaining([
        'home/living-room/temperature',
        'home/outdoors/humidity',
        'home/hallway/door',
        'zigbee2mqtt/Living room climate',
        'tele/washing-machine/SENSOR',
        'tele/washing-machine/LWT',
        'factory/line1/press/status',
        'factory/line1/motor',
        'factory/line2/motor',
      ])
    );
  });

  test('most topics have a message per second or more, one has ten', () => {
    const messages = listen(10 * SECOND);
    const count = (topic: string): number => messages.filter((message) => message.topic === topic).length;
    expect(count('factory/line1/motor/vibration')).toBe(101);
    const everySecond = [...new Set(messages.map(({ topic }) => topic))].filter((topic) => count(topic) >= 11);
    expect(everySecond.length).toBeGreaterThan(12);
    expect(messages.filter(({ at }) => at > 0 && at <= 2 * SECOND).length).toBeGreaterThan(30);
  });

  test('rate and sets', () => {
    const fast = listen(10 * SECOND, { sets: ['factory'], rate: 2 });
    expect(fast.filter(({ topic }) => topic === 'factory/line1/motor/vibration')).toHaveLength(201);
    expect(fast.every(({ topic }) => topic.startsWith('factory/'))).toBe(true);
    expect(() => startSensors(() => {}, { rate: 0 })).toThrow(RangeError);
  });

  test('state is retained, and published again on change, and after a minute', () => {
    const messages = listen(30 * MINUTE);
    for (const topic of ['home/hallway/door', 'home/living-room/light', 'factory/line1/press/status']) {
      const states = messages.filter((message) => message.topic === topic);
      expect(states.every(({ retain }) => retain)).toBe(true);
      expect(states.length).toBeGreaterThan(1);
      expect(states.length).toBeLessThan(90);
      for (const [n, { at, payload }] of states.slice(1).entries()) {
        expect(payload !== states[n].payload || at === states[n].at + MINUTE).toBe(true);
      }
    }
    expect(messages.filter(({ retain }) => !retain).length).toBeGreaterThan(0);
  });

  test('stop stops the sensors, and a failed publish is reported and stops nothing', async () => {
    const errors: unknown[] = [];
    const publish = vi.fn<(message: SensorMessage) => Promise<void>>(() => Promise.reject(new Error('closed')));
    const sensors = startSensors(publish, { sets: ['factory'], onError: (error) => errors.push(error) });
    await vi.advanceTimersByTimeAsync(SECOND);
    const { length } = publish.mock.calls;
    expect(length).toBeGreaterThan(10);
    expect(errors).toHaveLength(length);
    sensors.stop();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(publish.mock.calls).toHaveLength(length);
  });

  test('takes another clock', () => {
    const messages: SensorMessage[] = [];
    startSensors((message) => void messages.push(message), { sets: ['home'], now: () => Date.UTC(2030, 5, 1) }).stop();
    const tasmota = messages.find(({ topic }) => topic === 'tele/washing-machine/SENSOR');
    expect(JSON.parse(String(tasmota?.payload))).toMatchObject({
      Time: '2030-06-01T00:00:00',
    });
  });
});

/** First payload of a topic. */
function firstPayload(topic: string): string {
  return String(listen(0).find((message) => message.topic === topic)?.payload ?? '');
}

const outsideAt = (hour: number): number => outdoors(1, Math.floor(START / DAY) * DAY + hour * HOUR).temperature;

describe('payloads', () => {
  test('plain numbers', () => {
    for (const topic of ['home/kitchen/temperature', 'factory/line1/motor/vibration', 'factory/line1/press/parts']) {
      expect(firstPayload(topic)).toMatch(/^\d+(\.\d+)?$/);
    }
  });

  test('flat JSON of zigbee2mqtt', () => {
    expect(JSON.parse(firstPayload('zigbee2mqtt/Bedroom climate'))).toEqual({
      temperature: expect.any(Number),
      humidity: expect.any(Number),
      battery: expect.any(Number),
      linkquality: expect.any(Number),
    });
  });

  test('nested JSON of Tasmota', () => {
    expect(JSON.parse(firstPayload('tele/washing-machine/SENSOR'))).toEqual({
      Time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
      ENERGY: {
        Total: expect.any(Number),
        Power: expect.any(Number),
        Voltage: expect.any(Number),
        Current: expect.any(Number),
      },
    });
    expect(firstPayload('tele/washing-machine/LWT')).toBe('Online');
  });

  test('nested JSON of a motor, and text', () => {
    expect(JSON.parse(firstPayload('factory/line1/motor'))).toEqual({
      speed: expect.any(Number),
      vibration: { x: expect.any(Number), y: expect.any(Number), z: expect.any(Number) },
      bearing: { temperature: expect.any(Number) },
    });
    expect(firstPayload('factory/line1/press/status')).toMatch(/^(running|changeover|fault)$/);
  });
});

describe('the house', () => {
  test('rooms stay where people live, and the weather has a day and a night', () => {
    for (const name of ['living-room', 'kitchen', 'bedroom']) {
      const temperatures = series(DAY, MINUTE, (time) => room(1, name, time).temperature);
      expect(Math.min(...temperatures)).toBeGreaterThan(14);
      expect(Math.max(...temperatures)).toBeLessThan(26);
      // Smooth: nothing jumps within a minute, an open window aside
      expect(Math.max(...steps(temperatures))).toBeLessThan(1.2);
    }
    expect(outsideAt(17) - outsideAt(5)).toBeGreaterThan(5);
  });

  test('humidity is between dry and wet, and steam in the kitchen comes with warmth', () => {
    const climates = Array.from({ length: 24 * 60 }, (_, n) => room(1, 'kitchen', START + n * MINUTE));
    expect(climates.every(({ humidity }) => humidity >= 20 && humidity <= 95)).toBe(true);
    const steamy = climates.filter(({ humidity }) => humidity > 58);
    expect(steamy.length).toBeGreaterThan(20);
    expect(mean(steamy.map((c) => c.temperature))).toBeGreaterThan(mean(climates.map((c) => c.temperature)));
  });

  test('the washing machine heats, turns, spins and rests', () => {
    const watts = series(30 * MINUTE, SECOND, (time) => washingPower(1, time));
    expect(Math.max(...watts)).toBeGreaterThan(1_800);
    expect(Math.min(...watts)).toBeLessThan(2);
    expect(watts.filter((w) => w > 450 && w < 800).length).toBeGreaterThan(60);
    expect(watts.every((w) => w >= 0)).toBe(true);
  });
});

describe('the factory', () => {
  test('parts only grow within a day, and only while the press runs', () => {
    const midnight = Math.floor(START / DAY) * DAY;
    let before = partsSinceMidnight(1, 'line1', midnight);
    expect(before).toBeLessThanOrEqual(1);
    for (let time = midnight; time < midnight + 2 * HOUR; time += SECOND) {
      const parts = partsSinceMidnight(1, 'line1', time);
      const { status } = press(1, 'line1', time);
      expect(parts).toBeGreaterThanOrEqual(before);
      expect(status === 'running' || parts === before).toBe(true);
      before = parts;
    }
    expect(before).toBeGreaterThan(2_000);
  });

  test('the vibration rises before a fault stops the press, and is low while it stands still', () => {
    let warned = 0;
    let faults = 0;
    for (let time = START; time < START + 6 * HOUR; time += SECOND) {
      if (press(1, 'line1', time).status === 'fault' && press(1, 'line1', time - SECOND).status === 'running') {
        faults += 1;
        const last = series(10 * SECOND, 100, (t) => vibration(1, 'line1', 'x', t - START + time - 11 * SECOND));
        const earlier = series(10 * SECOND, 100, (t) => vibration(1, 'line1', 'x', t - START + time - 100 * SECOND));
        warned += mean(last) > mean(earlier) + 1 ? 1 : 0;
        expect(vibration(1, 'line1', 'x', time + 20 * SECOND)).toBeLessThan(0.6);
      }
    }
    expect(faults).toBeGreaterThan(3);
    expect(warned).toBe(faults);
  });

  test('each fault has an alarm, and a region when it is over; wear has a warning before', () => {
    const said: Array<{ at: number; severity: string; title: string; time: number; end_time?: number }> = [];
    const faults: Array<[from: number, to: number]> = [];
    for (let time = START; time <= START + 6 * HOUR; time += SECOND) {
      const text = alarm(1, 'line1', time);
      if (text !== undefined) {
        said.push({ ...(JSON.parse(text) as (typeof said)[number]), at: time });
      }
      if (press(1, 'line1', time).status === 'fault') {
        if (press(1, 'line1', time - SECOND).status !== 'fault') {
          faults.push([time, time]);
        }
        faults.at(-1)![1] = time + SECOND;
      }
    }
    const of = (severity: string) => said.filter((each) => each.severity === severity);
    expect(faults.length).toBeGreaterThan(3);
    expect(of('critical').map(({ at }) => at)).toEqual(faults.map(([from]) => from));
    expect(of('cleared').map(({ at }) => at)).toEqual(faults.map(([, to]) => to));
    // In seconds, and of the same time zone as the clock
    const offset = START / SECOND - Math.round(utcTime(START) / SECOND);
    expect(of('cleared').map(({ time, end_time }) => [time + offset, end_time! + offset])).toEqual(
      faults.map(([from, to]) => [from / SECOND, to / SECOND])
    );
    expect(of('warning')).toHaveLength(faults.length);
  });

  test('the oven swings around its set point', () => {
    const temperatures = series(HOUR, SECOND, (time) => ovenTemperature(1, time));
    expect(mean(temperatures)).toBeGreaterThan(175);
    expect(Math.max(...temperatures) - Math.min(...temperatures)).toBeGreaterThan(4);
    expect(Math.max(...steps(temperatures))).toBeLessThan(0.6);
  });
});

describe('signals', () => {
  const times = Array.from({ length: 5_000 }, (_, n) => START + n * 137);

  test('stay within their range, are uniform, and are reproducible', () => {
    for (const f of [smoothNoise, fractalNoise]) {
      const values = times.map((time) => f(3, time, 10 * SECOND));
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
      expect(Math.abs(mean(values))).toBeLessThan(0.2);
      expect(times.toReversed().map((time) => f(3, time, 10 * SECOND))).toEqual(values.toReversed());
    }
    const rolls = times.map((_, n) => random(9, n));
    expect(Math.abs(mean(rolls) - 0.5)).toBeLessThan(0.02);
    expect(new Set(rolls).size).toBeGreaterThan(4_990);
    const noise = times.map((time) => gaussianNoise(4, time, 100));
    expect(Math.abs(mean(noise))).toBeLessThan(0.05);
    expect(Math.abs(mean(noise.map((n) => n * n)) - 1)).toBeLessThan(0.1);
  });

  test('episodes lie within their slot, and the response follows them without a jump', () => {
    const what = { every: MINUTE, chance: 1, lasts: [10 * SECOND, 20 * SECOND] } as const;
    const inside = Array.from({ length: 3_600 }, (_, n) => episode(5, START + n * SECOND, what));
    const share = inside.filter(Boolean).length / inside.length;
    expect(share).toBeGreaterThan(1 / 6);
    expect(share).toBeLessThan(1 / 3);
    const levels = series(HOUR, SECOND, (time) => laggedResponse(5, time, what, 10 * SECOND));
    expect(Math.max(...steps(levels))).toBeLessThan(0.12);
    expect(episode(5, START, { ...what, chance: 0 })).toBeUndefined();
  });

  test('small ones', () => {
    expect([smoothstep(-1), smoothstep(0.5), smoothstep(2)]).toEqual([0, 0.5, 1]);
    expect([daily(5 * HOUR), daily(17 * HOUR)]).toEqual([-1, 1]);
    expect([round(1.005, 1), round(-0.001, 2)]).toEqual([1, 0]);
  });
});
