import { outdoors, room } from './home';
import type { Sensor } from './sensor';
import { DAY, dice, episode, grain, MINUTE, round, SECOND, seedFor, wander } from './signals';
import { availability, isOffline, troubled, whileOnline } from './trouble';

const HEATING = { every: 12 * MINUTE, chance: 0.9, lasts: [3 * MINUTE, 8 * MINUTE] } as const;
const INTERVAL = 5 * SECOND;

/** Local time without a zone, as Tasmota writes it. */
const localTime = (time: number): string => new Date(time).toISOString().slice(0, 19);

/** Two Tasmota devices: a heater's plug with `POWER`, and a cellar's thermometers whose cable is loose at times. */
export function tasmotaSensors(seed: number, amount: number): Sensor[] {
  const isOn = (time: number): boolean => episode(seedFor(seed, 'heating'), time, HEATING) !== undefined;
  const heaterAway = (time: number): boolean => isOffline(seed, 'heater', time, amount);
  const cellarAway = (time: number): boolean => isOffline(seed, 'cellar', time, amount);
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
      troubled(
        { topic: 'tele/cellar/SENSOR', every: INTERVAL, read: (time) => thermometers(seed, time, amount) },
        seed,
        { dropped: 0.01, duplicated: 0.01, burst: 0.01 },
        amount
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
    Wifi: { AP: 1, SSId: 'home', RSSI: Math.round(70 + 12 * wander(seedFor(seed, 'wifi'), time, MINUTE)), Signal: -62 },
  });
}

function energy(seed: number, time: number, on: boolean): string {
  const own = seedFor(seed, 'heater');
  const voltage = 229 + 2 * wander(own, time, 6 * MINUTE);
  const power = on ? 1_480 * (voltage / 229) ** 2 + 4 * grain(own, time, SECOND) : 0;
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

/** A DS18B20 that is lost for a while is null, and a DHT22 that cannot be read is NaN, which is not JSON. */
function thermometers(seed: number, time: number, amount: number): string {
  const own = seedFor(seed, 'cellar');
  const n = Math.floor(time / INTERVAL);
  const cellar = 12.5 + 0.15 * (outdoors(seed, time).temperature - 11) + 0.06 * grain(own, time, SECOND);
  const lost = dice(own + 3, Math.floor(n / 6)) < 0.03 * amount;
  const { humidity } = room(seed, 'bedroom', time);
  const text = JSON.stringify({
    Time: localTime(time),
    DS18B20: { Id: '01191ED79190', Temperature: lost ? null : round(cellar, 1) },
    AM2301: { Temperature: round(cellar + 0.4, 1), Humidity: round(humidity + 15, 1) },
    TempUnit: 'C',
  });
  return dice(own + 4, n) < 0.02 * amount ? text.replace(/"Humidity":[\d.]+/, '"Humidity":nan') : text;
}
