import { outdoors } from './home';
import type { Sensor } from './sensor';
import { daily, DAY, dice, drift, episode, grain, HOUR, MINUTE, round, SECOND, seedFor, wander } from './signals';
import { isOffline, troubled, whileOnline } from './trouble';

const RAIN = { every: 5 * HOUR, chance: 0.6, lasts: [10 * MINUTE, 70 * MINUTE] } as const;

/** km/h: a wind that rises in the afternoon, with gusts; calm at times. */
export function windSpeed(seed: number, time: number): number {
  const mood = 9 + 6 * daily(time) + 9 * drift(seedFor(seed, 'wind'), time, 3 * HOUR);
  return Math.max(0, mood * (1 + 0.5 * wander(seedFor(seed, 'gusts'), time, 12 * SECOND)));
}

/** mm of rain in an hour at this rate; 0 when it is dry. */
export function rainRate(seed: number, time: number): number {
  const shower = episode(seedFor(seed, 'rain'), time, RAIN);
  return shower ? 6 * Math.sin((Math.PI * shower.since) / shower.lasts) ** 2 : 0;
}

/** What weewx puts into `weather/loop`: numbers as text, Unix seconds, and null for the direction when it is calm. */
function loop(seed: number, time: number): string {
  const { temperature, humidity } = outdoors(seed, time);
  const speed = windSpeed(seed, time);
  const direction = 240 + 70 * drift(seedFor(seed, 'vane'), time, 50 * MINUTE) + 8 * grain(seed, time, SECOND);
  return JSON.stringify({
    dateTime: (time / 1_000).toFixed(1),
    outTemp_C: temperature.toFixed(2),
    outHumidity: humidity.toFixed(1),
    barometer_mbar: (1_013 + 9 * drift(seedFor(seed, 'pressure'), time, DAY)).toFixed(1),
    windSpeed_kph: speed.toFixed(1),
    windDir: speed < 1 ? null : ((direction + 360) % 360).toFixed(0),
    rainRate_mm_per_hour: rainRate(seed, time).toFixed(2),
    radiation_Wpm2: Math.max(0, 820 * Math.sin((Math.PI * ((time % DAY) / HOUR - 6)) / 14)).toFixed(0),
  });
}

/** Sensors of the neighbourhood that a receiver hears (rtl_433): model, id, and each message more than once. */
const HEARD = [
  { model: 'Fineoffset-WH2', id: 37, every: 48 * SECOND, offset: 0 },
  { model: 'Nexus-TH', id: 129, channel: 1, every: 50 * SECOND, offset: 1.4 },
  { model: 'Acurite-Tower', id: 8_441, channel: 'A', every: 16 * SECOND, offset: -0.9 },
] as const;

/** The devices share one topic; each speaks in its own rhythm, and repeats itself. */
function heard(seed: number, time: number, first: boolean): string[] {
  const second = Math.floor(time / SECOND) * SECOND;
  return HEARD.flatMap((device) => {
    const own = seedFor(seed, device.model);
    const phase = Math.floor(dice(own, 0) * (device.every / SECOND)) * SECOND;
    if (!first && (second + phase) % device.every !== 0) {
      return [];
    }
    const { temperature, humidity } = outdoors(seed, time);
    const { every: _every, offset, ...identity } = device;
    const message = JSON.stringify({
      // Local time, without a zone
      time: new Date(second).toISOString().slice(0, 19).replace('T', ' '),
      ...identity,
      battery_ok: dice(own + 1, Math.floor(time / DAY)) < 0.9 ? 1 : 0,
      temperature_C: round(temperature + offset + 0.1 * grain(own, time, SECOND), 1),
      humidity: Math.round(humidity),
      mic: 'CRC',
    });
    return dice(own + 2, second / SECOND) < 0.5 ? [message, message] : [message];
  });
}

/** A weather station (weewx) and a receiver of radio thermometers (rtl_433). */
export function weatherSensors(seed: number, amount: number): Sensor[] {
  const away = (time: number): boolean => isOffline(seed, 'station', time, amount);
  return [
    whileOnline(
      troubled(
        { topic: 'weather/loop', every: 2 * SECOND, read: (time) => loop(seed, time) },
        seed,
        { dropped: 0.01, duplicated: 0.005, late: 0.01 },
        amount
      ),
      away
    ),
    { topic: 'rtl_433/receiver/events', every: SECOND, read: (time, first) => heard(seed, time, first) },
  ];
}
