import { dice, episode, HOUR, MINUTE, seedFor } from './signals';
import type { Payload, Sensor } from './sensor';

/** How often things go wrong, 0 to 1 each, as a share of the readings. */
export interface Trouble {
  /** Readings that never arrive. */
  dropped?: number;
  /** Readings that arrive twice. */
  duplicated?: number;
  /** Readings that arrive one to four readings late, and so out of order. */
  late?: number;
  /** Bursts: a dozen readings at once after a silence as long. */
  burst?: number;
}

const LONGEST_DELAY = 4;
/** Readings in a slot of bursts; the first of a burst slot are held back and arrive together with its last. */
const BURST = 12;

/** A sensor whose messages go astray now and then, always the same ones for a seed. */
export function troubled(sensor: Sensor, seed: number, trouble: Trouble, amount: number): Sensor {
  const own = seedFor(seed, sensor.topic);
  const happens = (kind: string, n: number, share = 0): boolean => dice(seedFor(own, kind), n) < share * amount;

  const delayOf = (n: number): number =>
    happens('late', n, trouble.late) ? 1 + Math.floor(dice(seedFor(own, 'delay'), n) * LONGEST_DELAY) : 0;
  const inBurst = (n: number): boolean => happens('burst', Math.floor(n / BURST), trouble.burst);

  /** The readings that arrive at the time of reading `n`, by how many readings ago they were taken. */
  function arriving(n: number): number[] {
    if (inBurst(n)) {
      return n % BURST === BURST - 1 ? Array.from({ length: BURST }, (_, ago) => BURST - 1 - ago) : [];
    }
    const ago: number[] = [];
    for (let delay = LONGEST_DELAY; delay >= 0; delay -= 1) {
      if (!inBurst(n - delay) && delayOf(n - delay) === delay && !happens('dropped', n - delay, trouble.dropped)) {
        ago.push(delay);
        if (happens('duplicated', n - delay, trouble.duplicated)) {
          ago.push(delay);
        }
      }
    }
    return ago;
  }

  return {
    ...sensor,
    read: (time, first) => {
      if (first) {
        return sensor.read(time, true);
      }
      const payloads: Payload[] = [];
      for (const ago of arriving(Math.floor(time / sensor.every))) {
        const said = sensor.read(time - ago * sensor.every, false);
        payloads.push(...(Array.isArray(said) ? said : said === undefined ? [] : [said]));
      }
      return payloads;
    },
  };
}

/** Whether a device is out of reach: for some minutes, about every two hours. */
export function isOffline(seed: number, name: string, time: number, amount: number): boolean {
  const chance = Math.min(1, 0.5 * amount);
  return (
    episode(seedFor(seed, `${name} offline`), time, { every: HOUR, chance, lasts: [2 * MINUTE, 6 * MINUTE] }) !==
    undefined
  );
}

/** What its last will says, and what it says itself when it is back: retained, on change. */
export function availability(topic: string, online: string, offline: string, away: (time: number) => boolean): Sensor {
  return { topic, every: 1_000, retain: true, onChange: true, read: (time) => (away(time) ? offline : online) };
}

/** A device's readings, and nothing while it is out of reach. */
export function whileOnline(sensor: Sensor, away: (time: number) => boolean): Sensor {
  return { ...sensor, read: (time, first) => (away(time) && !first ? undefined : sensor.read(time, first)) };
}
