import { room } from './home';
import type { Sensor } from './sensor';
import { DAY, dice, episode, MINUTE, round, SECOND, seedFor, wander } from './signals';
import { availability, isOffline, troubled, whileOnline } from './trouble';

const MOTION = { every: 3 * MINUTE, chance: 0.7, lasts: [10 * SECOND, 70 * SECOND] } as const;
const BUTTON = { every: 2 * MINUTE, chance: 0.5, lasts: [SECOND, SECOND] } as const;
/** The climate sensor of this device, in the house of the home set. */
const ROOM = 'bedroom';

function common(seed: number, name: string, time: number): object {
  const own = seedFor(seed, name);
  return {
    battery: Math.round(88 - 30 * ((time % (200 * DAY)) / (200 * DAY))),
    linkquality: Math.round(120 + 70 * wander(own, time, 2 * MINUTE)),
    last_seen: new Date(time).toISOString(),
  };
}

/** Devices behind zigbee2mqtt: JSON by friendly name, availability beside it, and what is not known is null. */
export function zigbeeSensors(seed: number, amount: number): Sensor[] {
  const device = (
    name: string,
    every: number,
    read: (time: number) => object | undefined,
    onChange = false
  ): Sensor[] => {
    const away = (time: number): boolean => isOffline(seed, name, time, amount);
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
      whileOnline(onChange ? sensor : troubled(sensor, seed, { dropped: 0.01, duplicated: 0.03 }, amount), away),
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
        // A sensor that is starting knows no humidity yet.
        humidity: dice(seedFor(seed, 'null'), n) < 0.02 * amount ? null : round(humidity, 2),
        voltage: 2_900 + Math.round(20 * wander(seed, time, 10 * MINUTE)),
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
      const kind = dice(seedFor(seed, 'press'), Math.floor(time / (2 * MINUTE)));
      // Partial: an action, and none of the rest
      return pressed && { action: kind < 0.7 ? 'single' : 'double', linkquality: 84 };
    }),
  ];
}
