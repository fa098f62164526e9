import { random, episode, HOUR, MINUTE, seedFor } from './signals';
import type { Payload, Sensor } from './sensor';

/** Probability of each fault, 0 to 1, as a share of the readings. */
export interface FaultRates {
  /** Readings that never arrive. */
  dropped?: number;
  /** Readings that arrive twice. */
  duplicated?: number;
  /** Readings that arrive one to four readings late, and so out of order. */
  late?: number;
  /** Slots of a dozen readings that arrive together at the end of the slot. */
  burst?: number;
}

const LONGEST_DELAY = 4;
/** Readings in a slot. Those of a burst slot are held back and arrive together with its last one. */
const BURST = 12;

/**
 * Adds faults to a sensor: lost, duplicated, late and bunched messages. The same seed affects the same messages.
 *
 * @param rates probabilities at a fault rate of 1
 * @param faultRate factor for all of them, 0 to 10
 */
export function withFaults(sensor: Sensor, seed: number, rates: FaultRates, faultRate: number): Sensor {
  const own = seedFor(seed, sensor.topic);
  const occurs = (kind: string, n: number, share = 0): boolean => random(seedFor(own, kind), n) < share * faultRate;

  const delayOf = (n: number): number =>
    occurs('late', n, rates.late) ? 1 + Math.floor(random(seedFor(own, 'delay'), n) * LONGEST_DELAY) : 0;
  const inBurst = (n: number): boolean => occurs('burst', Math.floor(n / BURST), rates.burst);

  /** The age, in readings, of each reading that arrives at the time of reading `n`. */
  function arriving(n: number): number[] {
    if (inBurst(n)) {
      return n % BURST === BURST - 1 ? Array.from({ length: BURST }, (_, ago) => BURST - 1 - ago) : [];
    }
    const ago: number[] = [];
    for (let delay = LONGEST_DELAY; delay >= 0; delay -= 1) {
      if (!inBurst(n - delay) && delayOf(n - delay) === delay && !occurs('dropped', n - delay, rates.dropped)) {
        ago.push(delay);
        if (occurs('duplicated', n - delay, rates.duplicated)) {
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
        const read = sensor.read(time - ago * sensor.every, false);
        payloads.push(...(Array.isArray(read) ? read : read === undefined ? [] : [read]));
      }
      return payloads;
    },
  };
}

/** Whether a device is offline: for some minutes, about every two hours at a fault rate of 1. */
export function isOffline(seed: number, name: string, time: number, faultRate: number): boolean {
  const chance = Math.min(1, 0.5 * faultRate);
  return (
    episode(seedFor(seed, `${name} offline`), time, { every: HOUR, chance, lasts: [2 * MINUTE, 6 * MINUTE] }) !==
    undefined
  );
}

/** A retained availability topic: the device's will when it goes offline, its own message when it is back. */
export function availability(topic: string, online: string, offline: string, away: (time: number) => boolean): Sensor {
  return { topic, every: 1_000, retain: true, onChange: true, read: (time) => (away(time) ? offline : online) };
}

/** A sensor that publishes nothing while its device is offline. */
export function whileOnline(sensor: Sensor, away: (time: number) => boolean): Sensor {
  return { ...sensor, read: (time, first) => (away(time) && !first ? undefined : sensor.read(time, first)) };
}
