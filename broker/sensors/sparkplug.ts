import { motor, ovenTemperature, partsSinceMidnight, press } from './factory';
import type { Payload, Sensor } from './sensor';
import { random, MINUTE, SECOND, seedFor } from './signals';
import { isRebirthRequest, encodePayload, type Metric, REBIRTH as REBIRTH_METRIC } from './sparkplug-payload';
import { isOffline } from './faults';
import { utcTime } from './wall-clock';

const GROUP = 'Plant';
const NODE = 'Edge1';
/** The devices of the node, and the line of the factory that each is the press of. */
const DEVICES = { Press1: 'line1', Press2: 'line2' };
/** Aliases that are reserved for a device. */
const ALIASES = 10;
/** Interval of the node's births. They are not retained: a late subscriber waits for the next one or requests a rebirth. */
const REBIRTH = 2 * MINUTE;

type Read = (time: number) => Metric['value'];

interface DeviceMetric {
  name: string;
  alias: number;
  type: Metric['type'];
  read: Read;
}

/** A device's metrics. Aliases are unique in the whole node. */
function deviceMetrics(seed: number, line: string, firstAlias: number): DeviceMetric[] {
  const own = seed + firstAlias;
  const metrics: Array<Omit<DeviceMetric, 'alias'>> = [
    { name: 'Motor/Speed', type: 'Int32', read: (time) => motor(seed, line, time).speed },
    { name: 'Motor/Bearing', type: 'Double', read: (time) => motor(seed, line, time).bearing.temperature },
    { name: 'Oven/Temperature', type: 'Float', read: (time) => ovenTemperature(own, time) },
    { name: 'Oven/Drift', type: 'Int64', read: (time) => BigInt(Math.round(ovenTemperature(own, time) - 181)) },
    { name: 'Parts', type: 'UInt64', read: (time) => BigInt(partsSinceMidnight(seed, line, time)) },
    { name: 'Running', type: 'Boolean', read: (time) => press(seed, line, time).status === 'running' },
    { name: 'Status', type: 'String', read: (time) => press(seed, line, time).status },
    {
      name: 'Vibration/X',
      type: 'Float',
      read: (time) => {
        const { x } = motor(seed, line, time).vibration;
        // The probe is unplugged sometimes
        return random(seedFor(own, 'probe'), Math.floor(time / (20 * SECOND))) < 0.02 ? null : x;
      },
    },
  ];
  return metrics.map((metric, index) => ({ ...metric, alias: firstAlias + index }));
}

/**
 * An edge node with two devices, in Sparkplug B 3.0: birth certificates with names, types and aliases, data by alias, and
 * a death certificate when the node is lost, as the broker publishes it for the node's will. The node answers a rebirth
 * request within a second.
 */
export function sparkplugSensors(seed: number, faultRate: number): Sensor[] {
  const devices = Object.entries(DEVICES).map(([device, line], index) => ({
    device,
    metrics: deviceMetrics(seed, line, index * ALIASES),
  }));
  const away = (time: number): boolean => isOffline(seed, 'edge node', time, faultRate);
  /** Number of the node's current life: a new one begins every interval, and when the node is back online. */
  const lifeAt = (time: number): number => Math.floor(time / REBIRTH);
  const state = { life: -1, seq: 0, isAway: false, rebirthRequested: false };

  const nextSeq = (): number => {
    const { seq } = state;
    state.seq = (seq + 1) % 256;
    return seq;
  };
  const bdSeq = (): Metric => ({ name: 'bdSeq', type: 'Int64', value: BigInt(state.life % 256) });
  /** Whether the node publishes its births at this time. */
  const isBorn = (time: number, first: boolean): boolean =>
    first || (!away(time) && (state.isAway || state.rebirthRequested || lifeAt(time) !== state.life));
  let born = false;

  const topic = (type: string, device = ''): string => `spBv1.0/${GROUP}/${type}/${NODE}${device && `/${device}`}`;
  const sensor = (
    type: string,
    device: string,
    read: (time: number, first: boolean) => Payload | undefined
  ): Sensor => ({
    topic: topic(type, device),
    every: SECOND,
    read,
  });

  return [
    sensor('NDEATH', '', (time, first) => {
      if (first || state.isAway || !away(time)) {
        return undefined;
      }
      state.isAway = true;
      state.rebirthRequested = false;
      return encodePayload([bdSeq()], { timestamp: utcTime(time), withTypes: true });
    }),
    {
      ...sensor('NBIRTH', '', (time, first) => {
        born = isBorn(time, first);
        if (!born) {
          return undefined;
        }
        state.life = lifeAt(time);
        state.seq = 0;
        state.isAway = false;
        state.rebirthRequested = false;
        return encodePayload(
          [
            { ...bdSeq(), timestamp: utcTime(time) },
            { name: REBIRTH_METRIC, type: 'Boolean', value: false, timestamp: utcTime(time) },
            { name: 'Properties/Firmware', type: 'String', value: '2.4.1', timestamp: utcTime(time) },
          ],
          { timestamp: utcTime(time), seq: nextSeq(), withTypes: true }
        );
      }),
      command: {
        topic: topic('NCMD'),
        // A node that is offline receives no commands
        handle: (payload) => {
          state.rebirthRequested ||= !state.isAway && isRebirthRequest(payload);
        },
      },
    },
    ...devices.map(({ device, metrics }) =>
      sensor('DBIRTH', device, (time) => {
        const certificate = metrics.map((metric) => ({
          ...metric,
          value: metric.read(time),
          timestamp: utcTime(time),
        }));
        return born
          ? encodePayload(certificate, { timestamp: utcTime(time), seq: nextSeq(), withTypes: true })
          : undefined;
      })
    ),
    ...devices.map(({ device, metrics }) =>
      sensor('DDATA', device, (time, first) => {
        if (state.isAway || born) {
          return first ? data(metrics, seed, time, nextSeq()) : undefined;
        }
        return data(metrics, seed, time, nextSeq());
      })
    ),
  ];
}

/** The changes since the previous second, by alias; sometimes with a historical reading. */
function data(metrics: DeviceMetric[], seed: number, time: number, seq: number): Uint8Array {
  const changed = metrics.flatMap(({ alias, type, read }): Metric[] => {
    const value = read(time);
    return value === read(time - SECOND) ? [] : [{ alias, type, value, timestamp: utcTime(time) }];
  });
  if (random(seedFor(seed, 'historical'), Math.floor(time / SECOND)) < 0.02) {
    const before = time - 30 * SECOND;
    const { alias, type, read } = metrics.find(({ name }) => name === 'Oven/Temperature')!;
    changed.push({
      alias,
      type,
      value: read(before),
      timestamp: utcTime(before),
      historical: true,
    });
  }
  return encodePayload(changed, { timestamp: utcTime(time), seq, withTypes: false });
}
