import { type Config, parseConfig } from './config';
import type { DiscoveryEntry } from './entry';
import { statesOf } from './states';
import { type SensorValue, sensorsOf } from './tasmota-sensors';

/** Relays of one device: Tasmota has at most 32. */
const MAX_RELAYS = 32;

const MAX_NAME_LENGTH = 200;

/** The kinds of outputs in the list `rl` (Tasmota, xdrv_12_discovery.ino). A shutter moves by two relays: no switch. */
const [RELAY, LIGHT] = [1, 2];

/** Devices that are remembered. */
const MAX_DEVICES = 5_000;

const DISCOVERY = /(?:^|\/)discovery\/([^/]+)\/(config|sensors)$/;

/**
 * Reads Tasmota's own discovery: of `tasmota/discovery/<MAC>/config` the names and the two states of its relays and
 * lights, and of its Last Will; of `tasmota/discovery/<MAC>/sensors` the units of its sensors. Only the first of the two
 * has the topics and the name of the device, so what the other says is remembered until both are there.
 */
export class TasmotaReader {
  readonly #devices = new Map<string, Device>();
  readonly #sensors = new Map<string, readonly SensorValue[]>();

  /**
   * Never throws.
   *
   * @returns the entries of the message, with those of the sensors if it completes them; `undefined` for any other
   * announcement.
   */
  read(text: string, topic: string): DiscoveryEntry[] | undefined {
    const [, id = '', kind] = DISCOVERY.exec(topic) ?? [];
    if (kind === undefined) {
      return undefined;
    }
    const config = parseConfig(text);
    if (kind === 'sensors') {
      const values = config && sensorsOf(config);
      put(this.#sensors, id, values);
      return values && this.#sensorEntries(id);
    }
    const topics = config && topicsOf(config);
    put(this.#devices, id, topics && { ...topics, name: textOf(config['dn']).trim() });
    if (config === undefined || topics === undefined) {
      return undefined;
    }
    const { stat, tele } = topics;
    const online = statesOf(textOf(config['onln']), textOf(config['ofln']));
    return [
      ...relaysOf(config, stat, tele),
      ...(online === undefined ? [] : [{ topic: `${tele}LWT`, path: [], states: online }]),
      ...this.#sensorEntries(id),
    ];
  }

  #sensorEntries(id: string): DiscoveryEntry[] {
    const device = this.#devices.get(id);
    return device === undefined ? [] : (this.#sensors.get(id) ?? []).flatMap((value) => entriesOf(device, value));
  }
}

function put<T>(map: Map<string, T>, id: string, value: T | undefined): void {
  if (value === undefined) {
    map.delete(id);
  } else if (map.has(id) || map.size < MAX_DEVICES) {
    map.set(id, value);
  }
}

interface Device {
  readonly name: string;
  /** The beginnings of its topics. */
  readonly stat: string;
  readonly tele: string;
}

/** A value in the messages of the sensors, and in the responses to the commands Status 8 and Status 10. */
function entriesOf({ name, stat, tele }: Device, { path, unit }: SensorValue): DiscoveryEntry[] {
  const said = { unit, name: [name, ...path].join(' ').trim().slice(0, MAX_NAME_LENGTH) };
  return [
    { topic: `${tele}SENSOR`, path, ...said },
    ...['8', '10'].map((n) => ({ topic: `${stat}STATUS${n}`, path: ['StatusSNS', ...path], ...said })),
  ];
}

function relaysOf(config: Config, stat: string, tele: string): DiscoveryEntry[] {
  const [off, on] = listOf(config['state']).map(textOf);
  const states = statesOf(on ?? '', off ?? '');
  if (states === undefined) {
    return [];
  }
  const names = listOf(config['fn']).map(textOf);
  return listOf(config['rl'])
    .slice(0, MAX_RELAYS)
    .flatMap((kind, i): DiscoveryEntry[] => {
      if (kind !== RELAY && kind !== LIGHT) {
        return [];
      }
      const name = (names[i] ?? '').trim().slice(0, MAX_NAME_LENGTH);
      const said = { states, ...(name === '' ? undefined : { name }) };
      // A single relay has no number, unless SetOption26 gives it one; the configuration does not say which.
      return (i === 0 ? ['POWER', 'POWER1'] : [`POWER${i + 1}`]).flatMap((key) => [
        { topic: stat + key, path: [], ...said },
        { topic: `${stat}RESULT`, path: [key], ...said },
        { topic: `${tele}STATE`, path: [key], ...said },
      ]);
    });
}

/** The beginnings of the topics that the device publishes under; `undefined` if the configuration does not say. */
function topicsOf(config: Config): { stat: string; tele: string } | undefined {
  const [, stat, tele] = listOf(config['tp']).map(textOf);
  const [pattern, topic] = [textOf(config['ft']), textOf(config['t'])];
  const begin = (prefix: string): string =>
    `${pattern}/`
      .replaceAll('%prefix%', () => prefix)
      .replaceAll('%topic%', () => topic)
      .replaceAll('%hostname%', () => textOf(config['hn']))
      .replaceAll(/\/{2,}/g, '/');
  // The rest of the pattern would be a guess, and a topic has no wildcards.
  const isTopic = (text: string): boolean => !/[%+#]/.test(text);
  return pattern !== '' && topic !== '' && stat && tele && isTopic(begin(stat)) && isTopic(begin(tele))
    ? { stat: begin(stat), tele: begin(tele) }
    : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
