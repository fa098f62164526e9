import { outdoors, room } from './home';
import type { Sensor } from './sensor';
import { DAY, random, episode, gaussianNoise, MINUTE, round, SECOND, seedFor, smoothNoise } from './signals';
import { availability, isOffline, withFaults, whileOnline } from './faults';

const HEATING = { every: 12 * MINUTE, chance: 0.9, lasts: [3 * MINUTE, 8 * MINUTE] } as const;
const INTERVAL = 5 * SECOND;

/** Local time without a zone, as Tasmota sends it. */
const localTime = (time: number): string => new Date(time).toISOString().slice(0, 19);

/** Two Tasmota devices: a heater's plug with `POWER`, and a cellar's thermometers with a loose cable. */
export function tasmotaSensors(seed: number, faultRate: number): Sensor[] {
  const isOn = (time: number): boolean => episode(seedFor(seed, 'heating'), time, HEATING) !== undefined;
  const heaterAway = (time: number): boolean => isOffline(seed, 'heater', time, faultRate);
  const cellarAway = (time: number): boolean => isOffline(seed, 'cellar', time, faultRate);
  return [
    availability('tele/heater/LWT', 'Online', 'Offline', heaterAway),
    whileOnline(
      { topic: 'stat/heater/POWER', every: SECOND, onChange: true, read: (time) => (isOn(time) ? 'ON' : 'OFF') },
      heaterAway
    ),
    whileOnline(
      { topic: 'tele/heater/STATE', every: 10 * SECOND, read: (time) => state(seed, time, isOn(time)) },
      heaterAway
    ),
    whileOnline(
      { topic: 'tele/heater/SENSOR', every: INTERVAL, read: (time) => energy(seed, time, isOn(time)) },
      heaterAway
    ),
    availability('tele/cellar/LWT', 'Online', 'Offline', cellarAway),
    whileOnline(
      withFaults(
        { topic: 'tele/cellar/SENSOR', every: INTERVAL, read: (time) => thermometers(seed, time, faultRate) },
        seed,
        { dropped: 0.01, duplicated: 0.01, burst: 0.01 },
        faultRate
      ),
      cellarAway
    ),
  ];
}

function state(seed: number, time: number, on: boolean): string {
  const uptime = Math.floor((time % (40 * DAY)) / SECOND);
  const clock = new Date((uptime % 86_400) * 1_000).toISOString().slice(11, 19);
  return JSON.stringify({
    Time: localTime(time),
    Uptime: `${Math.floor(uptime / 86_400)}T${clock}`,
    UptimeSec: uptime,
    POWER: on ? 'ON' : 'OFF',
    Wifi: {
      AP: 1,
      SSId: 'home',
      RSSI: Math.round(70 + 12 * smoothNoise(seedFor(seed, 'wifi'), time, MINUTE)),
      Signal: -62,
    },
  });
}

function energy(seed: number, time: number, on: boolean): string {
  const own = seedFor(seed, 'heater');
  const voltage = 229 + 2 * smoothNoise(own, time, 6 * MINUTE);
  const power = on ? 1_480 * (voltage / 229) ** 2 + 4 * gaussianNoise(own, time, SECOND) : 0;
  return JSON.stringify({
    Time: localTime(time),
    ENERGY: {
      Power: Math.round(power),
      ApparentPower: Math.round(power * 1.01),
      Factor: on ? 0.99 : 0,
      Voltage: Math.round(voltage),
      Current: round(power / voltage, 3),
    },
  });
}

/** A disconnected DS18B20 is null; a DHT22 that cannot be read is NaN, which is not valid JSON. */
function thermometers(seed: number, time: number, faultRate: number): string {
  const own = seedFor(seed, 'cellar');
  const n = Math.floor(time / INTERVAL);
  const cellar = 12.5 + 0.15 * (outdoors(seed, time).temperature - 11) + 0.06 * gaussianNoise(own, time, SECOND);
  const lost = random(own + 3, Math.floor(n / 6)) < 0.03 * faultRate;
  const { humidity } = room(seed, 'bedroom', time);
  const text = JSON.stringify({
    Time: localTime(time),
    DS18B20: { Id: '01191ED79190', Temperature: lost ? null : round(cellar, 1) },
    AM2301: { Temperature: round(cellar + 0.4, 1), Humidity: round(humidity + 15, 1) },
    TempUnit: 'C',
  });
  return random(own + 4, n) < 0.02 * faultRate ? text.replace(/"Humidity":[\d.]+/, '"Humidity":nan') : text;
}
