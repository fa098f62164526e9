import { room } from './home';
import type { Sensor } from './sensor';
import { DAY, random, episode, MINUTE, round, SECOND, seedFor, smoothNoise } from './signals';
import { availability, isOffline, withFaults, whileOnline } from './faults';
import { utcTime } from './wall-clock';

const MOTION = { every: 3 * MINUTE, chance: 0.7, lasts: [10 * SECOND, 70 * SECOND] } as const;
const BUTTON = { every: 2 * MINUTE, chance: 0.5, lasts: [SECOND, SECOND] } as const;
/** The room of the home set that the climate sensor is in. */
const ROOM = 'bedroom';

function common(seed: number, name: string, time: number): object {
  const own = seedFor(seed, name);
  return {
    battery: Math.round(88 - 30 * ((time % (200 * DAY)) / (200 * DAY))),
    linkquality: Math.round(120 + 70 * smoothNoise(own, time, 2 * MINUTE)),
    last_seen: new Date(utcTime(time)).toISOString(),
  };
}

/** Devices of zigbee2mqtt: JSON on a topic per friendly name, an availability topic each, and null for unknown values. */
export function zigbeeSensors(seed: number, faultRate: number): Sensor[] {
  const device = (
    name: string,
    every: number,
    read: (time: number) => object | undefined,
    onChange = false
  ): Sensor[] => {
    const away = (time: number): boolean => isOffline(seed, name, time, faultRate);
    const topic = `zigbee2mqtt/${name}`;
    const sensor: Sensor = {
      topic,
      every,
      onChange,
      read: (time) => {
        const state = read(time);
        return state && JSON.stringify(state);
      },
    };
    return [
      availability(`${topic}/availability`, '{"state":"online"}', '{"state":"offline"}', away),
      whileOnline(onChange ? sensor : withFaults(sensor, seed, { dropped: 0.01, duplicated: 0.03 }, faultRate), away),
    ];
  };
  const moving = (time: number): boolean => episode(seedFor(seed, 'motion'), time, MOTION) !== undefined;
  return [
    { topic: 'zigbee2mqtt/bridge/state', every: 5 * MINUTE, retain: true, read: () => '{"state":"online"}' },
    ...device('Office climate', 5 * SECOND, (time) => {
      const { temperature, humidity } = room(seed + 1, ROOM, time);
      const n = Math.floor(time / (5 * SECOND));
      return {
        temperature: round(temperature + 3, 2),
        // A sensor that has just started has no humidity yet
        humidity: random(seedFor(seed, 'null'), n) < 0.02 * faultRate ? null : round(humidity, 2),
        voltage: 2_900 + Math.round(20 * smoothNoise(seed, time, 10 * MINUTE)),
        ...common(seed, 'Office climate', time),
      };
    }),
    ...device(
      'Hall/motion',
      SECOND,
      (time) => ({ occupancy: moving(time), illuminance: moving(time) ? 62 : 14, battery: 100, linkquality: 96 }),
      true
    ),
    ...device('Desk button', SECOND, (time) => {
      const pressed = episode(seedFor(seed, 'button'), time, BUTTON);
      const kind = random(seedFor(seed, 'press'), Math.floor(time / (2 * MINUTE)));
      // A partial update: only the action
      return pressed && { action: kind < 0.7 ? 'single' : 'double', linkquality: 84 };
    }),
  ];
}
