import { outdoors } from './home';
import type { Sensor } from './sensor';
import { DAY, fractalNoise, gaussianNoise, HOUR, MINUTE, round, SECOND, seedFor, smoothNoise } from './signals';
import { availability, isOffline, withFaults, whileOnline } from './faults';
import { utcTime } from './wall-clock';
import { washingPower } from './washing-machine';

/** Power in watts of an 8 kW solar array at a time: the sun's height under passing clouds; 0 at night. */
export function solarPower(seed: number, time: number): number {
  const hour = (time % DAY) / HOUR;
  const height = Math.sin((Math.PI * (hour - 6)) / 14);
  if (hour < 6 || hour > 20) {
    return 0;
  }
  const cover = Math.max(0, fractalNoise(seedFor(seed, 'clouds'), time, 40 * MINUTE));
  const cloud = Math.max(0, smoothNoise(seedFor(seed, 'cloud'), time, 90 * SECOND)) * cover;
  return Math.max(0, 7_600 * height * (1 - 0.45 * cover - 0.5 * cloud));
}

/** Power in watts that the house draws, including the washing machine. */
export function houseLoad(seed: number, time: number): number {
  const evening = Math.exp(-((((time % DAY) / HOUR - 19) / 2.4) ** 2));
  const base = 280 + 90 * smoothNoise(seedFor(seed, 'fridge'), time, 11 * MINUTE) + 900 * evening;
  return Math.max(60, base + washingPower(seed, time) + 25 * gaussianNoise(seedFor(seed, 'load'), time, SECOND));
}

/** Length of the steps in which power is added up, in milliseconds. */
const STEP = 15 * MINUTE;

/**
 * Creates a meter: it reads the energy in kWh since midnight, in steps of 15 minutes; it never decreases within a day.
 * The meter keeps the sum of the whole steps, so that a reading does not add up the day again.
 */
function energyMeter(power: (time: number) => number): (time: number) => number {
  let midnight = 0;
  let at = Infinity;
  let wattHours = 0;
  return (time) => {
    const today = Math.floor(time / DAY) * DAY;
    if (today !== midnight || time < at) {
      midnight = today;
      at = today;
      wattHours = 0;
    }
    while (at + STEP <= time) {
      wattHours += (power(at) * STEP) / HOUR;
      at += STEP;
    }
    return (wattHours + (power(at) * (time - at)) / HOUR) / 1_000;
  };
}

/** Solar panels (OpenDTU), a three-phase meter (Shelly Pro 3EM), a plug (Shelly Plus 1PM), and the grid meter. */
export function energySensors(seed: number, faultRate: number): Sensor[] {
  const solar = (time: number): number => solarPower(seed, time);
  const solarEnergy = energyMeter(solar);
  const imported = energyMeter((at) => Math.max(0, houseLoad(seed, at) - solar(at)));
  const exported = energyMeter((at) => Math.max(0, solar(at) - houseLoad(seed, at)));
  const away = (time: number): boolean => isOffline(seed, 'plug', time, faultRate);
  const number = (topic: string, every: number, read: (time: number) => number, decimals: number): Sensor => ({
    topic,
    every,
    read: (time) => String(round(read(time), decimals)),
  });
  return [
    number('solar/114180000001/0/power', 5 * SECOND, solar, 1),
    number('solar/114180000001/0/yieldday', MINUTE, (time) => solarEnergy(time) * 1_000, 0),
    number(
      'solar/114180000001/0/temperature',
      10 * SECOND,
      (time) => outdoors(seed, time).temperature + solar(time) / 260,
      1
    ),
    {
      topic: 'solar/114180000001/status/producing',
      every: 5 * SECOND,
      retain: true,
      onChange: true,
      read: (time) => (solar(time) > 0 ? '1' : '0'),
    },
    withFaults(
      {
        topic: 'shellypro3em-c8f09e8a1b2c/events/rpc',
        every: SECOND,
        read: (time) => notification('shellypro3em-c8f09e8a1b2c', time, 'em:0', threePhases(seed, time)),
      },
      seed,
      { dropped: 0.005, burst: 0.005 },
      faultRate
    ),
    availability('shellyplus1pm-d48afc1122aa/online', 'true', 'false', away),
    whileOnline(
      {
        topic: 'shellyplus1pm-d48afc1122aa/events/rpc',
        every: 10 * SECOND,
        read: (time) => notification('shellyplus1pm-d48afc1122aa', time, 'switch:0', plug(seed, time)),
      },
      away
    ),
    {
      topic: 'meter/grid',
      every: 2 * SECOND,
      read: (time) => {
        const power = houseLoad(seed, time) - solar(time);
        return JSON.stringify({
          time: new Date(utcTime(time)).toISOString(),
          // Negative while power is fed into the grid
          power: Math.round(power),
          import_kwh: round(4_211 + imported(time), 3),
          export_kwh: round(2_905 + exported(time), 3),
          frequency: round(50 + 0.02 * fractalNoise(seedFor(seed, 'grid'), time, 10 * MINUTE), 3),
        });
      },
    },
  ];
}

/** A notification of a second-generation Shelly: a fractional timestamp, and the changes under the component's name. */
function notification(source: string, time: number, component: string, status: object): string {
  return JSON.stringify({
    src: source,
    dst: `${source}/events`,
    method: 'NotifyStatus',
    params: { ts: round(utcTime(time) / 1_000, 2), [component]: { id: 0, ...status } },
  });
}

function threePhases(seed: number, time: number): Record<string, number> {
  const total = houseLoad(seed, time) - solarPower(seed, time);
  const status: Record<string, number> = {};
  let sum = 0;
  for (const [phase, share] of [
    ['a', 0.5],
    ['b', 0.3],
    ['c', 0.2],
  ] as const) {
    const own = seedFor(seed, `phase ${phase}`);
    const voltage = 230 + 2 * smoothNoise(own, time, 7 * MINUTE) + 0.3 * gaussianNoise(own, time, SECOND);
    const power = total * share + 6 * gaussianNoise(own + 2, time, SECOND);
    status[`${phase}_voltage`] = round(voltage, 1);
    status[`${phase}_current`] = round(Math.abs(power) / voltage, 3);
    status[`${phase}_act_power`] = round(power, 1);
    status[`${phase}_pf`] = round(0.93 + 0.04 * smoothNoise(own + 4, time, MINUTE), 2);
    sum += power;
  }
  status['total_act_power'] = round(sum, 3);
  return status;
}

/** Only the changes: the energy is sent once per minute. */
function plug(seed: number, time: number): object {
  const own = seedFor(seed, 'plug');
  const power = 43 + 8 * smoothNoise(own, time, 3 * MINUTE) + 0.4 * gaussianNoise(own, time, SECOND);
  if (Math.floor(time / (10 * SECOND)) % 6 !== 0) {
    return { apower: round(power, 1) };
  }
  const minute = Math.floor(time / MINUTE);
  return {
    apower: round(power, 1),
    aenergy: {
      total: round(18_400 + ((time % (365 * DAY)) / HOUR) * 0.043 * 1_000, 3),
      by_minute: [0, 1, 2].map((ago) => round(700 + 90 * smoothNoise(own, (minute - ago) * MINUTE, 3 * MINUTE), 3)),
      minute_ts: utcTime(minute * MINUTE) / 1_000,
    },
  };
}
