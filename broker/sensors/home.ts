import {
  daily,
  fractalNoise,
  episode,
  gaussianNoise,
  HOUR,
  MINUTE,
  laggedResponse,
  round,
  SECOND,
  seedFor,
  smoothNoise,
  type Episodes,
} from './signals';
import type { Sensor } from './sensor';
import { washingMachine } from './washing-machine';

/** Properties of a room. */
interface Room {
  /** Set point of the heating, in °C. */
  target: number;
  /** Influence of the outdoor daily curve, in °C. */
  leak: number;
  /** Influence of cooking, 0 to 1. */
  steam: number;
}

const ROOMS: Record<string, Room> = {
  'living-room': { target: 21.4, leak: 0.5, steam: 0 },
  kitchen: { target: 20.6, leak: 0.7, steam: 1 },
  bedroom: { target: 18.2, leak: 0.9, steam: 0 },
};

const WINDOW: Episodes = { every: 45 * MINUTE, chance: 0.6, lasts: [4 * MINUTE, 9 * MINUTE] };
const COOKING: Episodes = { every: 90 * MINUTE, chance: 0.7, lasts: [15 * MINUTE, 35 * MINUTE] };
const DOOR: Episodes = { every: 4 * MINUTE, chance: 0.8, lasts: [6 * SECOND, 40 * SECOND] };
const LAMP: Episodes = { every: 50 * MINUTE, chance: 0.85, lasts: [8 * MINUTE, 40 * MINUTE] };

export interface Climate {
  /** °C */
  temperature: number;
  /** % relative humidity */
  humidity: number;
}

/** Outdoor climate: a daily curve under slowly changing skies; warm air is dry. */
export function outdoors(seed: number, time: number): Climate {
  const sky = fractalNoise(seedFor(seed, 'sky'), time, 7 * HOUR);
  const gust = smoothNoise(seedFor(seed, 'gust'), time, 40 * SECOND) * 0.12;
  const temperature = 11.5 + 5.2 * daily(time) + 2.4 * sky + gust;
  const humidity =
    68 - 2.6 * (temperature - 11.5) - 6 * sky + smoothNoise(seedFor(seed, 'moist'), time, 25 * MINUTE) * 4;
  return { temperature, humidity: Math.min(99, Math.max(25, humidity)) };
}

/** Climate of a room: heating, weather, a window that is opened sometimes, and cooking. */
export function room(seed: number, name: string, time: number): Climate {
  const { target, leak, steam } = ROOMS[name];
  const own = seedFor(seed, name);
  const outside = outdoors(seed, time);
  const heating = Math.sin((2 * Math.PI * time) / (22 * MINUTE) + own) * 0.35;
  const body = fractalNoise(own, time, 50 * MINUTE) * 0.5 + smoothNoise(own + 11, time, 75 * SECOND) * 0.09;
  const airing = laggedResponse(seedFor(own, 'window'), time, WINDOW, 4 * MINUTE);
  const cooking = steam * laggedResponse(seedFor(seed, 'cooking'), time, COOKING, 7 * MINUTE);
  const warm = target + heating + body + leak * daily(time) + 1.6 * cooking;
  const temperature = warm + (outside.temperature - warm) * 0.28 * airing;
  const damp = 44 - 1.4 * (warm - target) + 4 * fractalNoise(own + 7, time, 70 * MINUTE) + 21 * cooking;
  const humidity = damp + (outside.humidity - damp) * 0.35 * airing;
  return { temperature, humidity: Math.min(95, Math.max(20, humidity)) };
}

/** A small house: plain numbers, text, flat JSON of zigbee2mqtt, nested JSON of Tasmota. */
export function homeSensors(seed: number): Sensor[] {
  const sensors: Sensor[] = [];
  for (const name of [...Object.keys(ROOMS), 'outdoors']) {
    const climate = (time: number): Climate => (name === 'outdoors' ? outdoors(seed, time) : room(seed, name, time));
    const noise = seedFor(seed, `${name} sensor`);
    sensors.push(
      {
        topic: `home/${name}/temperature`,
        every: SECOND,
        retain: true,
        read: (time) => String(round(climate(time).temperature + 0.03 * gaussianNoise(noise, time, SECOND), 2)),
      },
      {
        topic: `home/${name}/humidity`,
        every: SECOND,
        read: (time) => String(round(climate(time).humidity + 0.12 * gaussianNoise(noise + 5, time, SECOND), 1)),
      }
    );
  }
  sensors.push(
    {
      topic: 'home/hallway/door',
      every: SECOND,
      retain: true,
      onChange: true,
      repeat: MINUTE,
      read: (time) => (episode(seedFor(seed, 'door'), time, DOOR) ? 'open' : 'closed'),
    },
    {
      topic: 'home/living-room/light',
      every: SECOND,
      retain: true,
      onChange: true,
      repeat: MINUTE,
      read: (time) => (episode(seedFor(seed, 'lamp'), time, LAMP) ? 'ON' : 'OFF'),
    },
    { topic: 'zigbee2mqtt/bridge/state', every: MINUTE, retain: true, read: () => JSON.stringify({ state: 'online' }) },
    zigbee(seed, 'Living room climate', (time) => room(seed, 'living-room', time)),
    zigbee(seed, 'Bedroom climate', (time) => room(seed, 'bedroom', time)),
    ...washingMachine(seed)
  );
  return sensors;
}

/** A battery-powered climate sensor of zigbee2mqtt, with spaces in its friendly name. */
function zigbee(seed: number, name: string, climate: (time: number) => Climate): Sensor {
  const own = seedFor(seed, name);
  return {
    topic: `zigbee2mqtt/${name}`,
    every: 2 * SECOND,
    retain: true,
    read: (time) => {
      const { temperature, humidity } = climate(time);
      return JSON.stringify({
        temperature: round(temperature + 0.25 + 0.02 * gaussianNoise(own, time, SECOND), 2),
        humidity: round(humidity - 1.5 + 0.1 * gaussianNoise(own + 3, time, SECOND), 2),
        battery: Math.round(78 - 12 * daily(time / 60)),
        linkquality: Math.round(
          Math.min(255, 128 + 38 * fractalNoise(own + 6, time, 3 * MINUTE) + 6 * gaussianNoise(own, time, SECOND))
        ),
      });
    },
  };
}
