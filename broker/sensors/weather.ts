import { outdoors } from './home';
import type { Sensor } from './sensor';
import {
  daily,
  DAY,
  random,
  fractalNoise,
  episode,
  gaussianNoise,
  HOUR,
  MINUTE,
  round,
  SECOND,
  seedFor,
  smoothNoise,
} from './signals';
import { isOffline, withFaults, whileOnline } from './faults';
import { utcTime } from './wall-clock';

const RAIN = { every: 5 * HOUR, chance: 0.6, lasts: [10 * MINUTE, 70 * MINUTE] } as const;

/** Wind speed in km/h: it rises in the afternoon, with gusts, and is calm at times. */
export function windSpeed(seed: number, time: number): number {
  const mood = 9 + 6 * daily(time) + 9 * fractalNoise(seedFor(seed, 'wind'), time, 3 * HOUR);
  return Math.max(0, mood * (1 + 0.5 * smoothNoise(seedFor(seed, 'gusts'), time, 12 * SECOND)));
}

/** Rain rate in mm/h; 0 when it is dry. */
export function rainRate(seed: number, time: number): number {
  const shower = episode(seedFor(seed, 'rain'), time, RAIN);
  return shower ? 6 * Math.sin((Math.PI * shower.since) / shower.lasts) ** 2 : 0;
}

/** The loop packet of weewx: numbers as text, Unix seconds, and null for the direction when it is calm. */
function loop(seed: number, time: number): string {
  const { temperature, humidity } = outdoors(seed, time);
  const speed = windSpeed(seed, time);
  const direction =
    240 + 70 * fractalNoise(seedFor(seed, 'vane'), time, 50 * MINUTE) + 8 * gaussianNoise(seed, time, SECOND);
  return JSON.stringify({
    dateTime: (utcTime(time) / 1_000).toFixed(1),
    outTemp_C: temperature.toFixed(2),
    outHumidity: humidity.toFixed(1),
    barometer_mbar: (1_013 + 9 * fractalNoise(seedFor(seed, 'pressure'), time, DAY)).toFixed(1),
    windSpeed_kph: speed.toFixed(1),
    windDir: speed < 1 ? null : ((direction + 360) % 360).toFixed(0),
    rainRate_mm_per_hour: rainRate(seed, time).toFixed(2),
    radiation_Wpm2: Math.max(0, 820 * Math.sin((Math.PI * ((time % DAY) / HOUR - 6)) / 14)).toFixed(0),
  });
}

/** Neighbours' sensors in range of the receiver (rtl_433). */
const NEIGHBOURS = [
  { model: 'Fineoffset-WH2', id: 37, every: 48 * SECOND, offset: 0 },
  { model: 'Nexus-TH', id: 129, channel: 1, every: 50 * SECOND, offset: 1.4 },
  { model: 'Acurite-Tower', id: 8_441, channel: 'A', every: 16 * SECOND, offset: -0.9 },
] as const;

/** Messages of a second: the devices share one topic, each has its own interval, and half of the messages come twice. */
function received(seed: number, time: number, first: boolean): string[] {
  const second = Math.floor(time / SECOND) * SECOND;
  return NEIGHBOURS.flatMap((device) => {
    const own = seedFor(seed, device.model);
    const phase = Math.floor(random(own, 0) * (device.every / SECOND)) * SECOND;
    if (!first && (second + phase) % device.every !== 0) {
      return [];
    }
    const { temperature, humidity } = outdoors(seed, time);
    const { every: _every, offset, ...identity } = device;
    const message = JSON.stringify({
      // Local time, without a zone
      time: new Date(second).toISOString().slice(0, 19).replace('T', ' '),
      ...identity,
      battery_ok: random(own + 1, Math.floor(time / DAY)) < 0.9 ? 1 : 0,
      temperature_C: round(temperature + offset + 0.1 * gaussianNoise(own, time, SECOND), 1),
      humidity: Math.round(humidity),
      mic: 'CRC',
    });
    return random(own + 2, second / SECOND) < 0.5 ? [message, message] : [message];
  });
}

/** A weather station (weewx) and a receiver of radio thermometers (rtl_433). */
export function weatherSensors(seed: number, faultRate: number): Sensor[] {
  const away = (time: number): boolean => isOffline(seed, 'station', time, faultRate);
  return [
    whileOnline(
      withFaults(
        { topic: 'weather/loop', every: 2 * SECOND, read: (time) => loop(seed, time) },
        seed,
        { dropped: 0.01, duplicated: 0.005, late: 0.01 },
        faultRate
      ),
      away
    ),
    { topic: 'rtl_433/receiver/events', every: SECOND, read: (time, first) => received(seed, time, first) },
  ];
}
