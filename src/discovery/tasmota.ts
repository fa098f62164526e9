import { type Config, parseConfig } from './config';
import type { DiscoveryEntry } from './entry';
import { statesOf } from './states';

/** Relays of one device: Tasmota has at most 32. */
const MAX_RELAYS = 32;

const MAX_NAME_LENGTH = 200;

/** What an output is, in the list `rl` (Tasmota, xdrv_12_discovery.ino). A shutter moves by two relays: no switch. */
const [RELAY, LIGHT] = [1, 2];

/**
 * Reads a configuration of Tasmota's own discovery, `tasmota/discovery/<MAC>/config`: the names and the two states of
 * its relays and lights, and of its Last Will. Units are not in it; the device's messages name them. Never throws.
 *
 * @returns `undefined` for any other announcement.
 */
export function parseTasmota(text: string, topic: string): DiscoveryEntry[] | undefined {
  if (!/(?:^|\/)discovery\/[^/]+\/config$/.test(topic)) {
    return undefined;
  }
  const config = parseConfig(text);
  const topics = config && topicsOf(config);
  if (config === undefined || topics === undefined) {
    return undefined;
  }
  const { stat, tele } = topics;
  const online = statesOf(textOf(config['onln']), textOf(config['ofln']));
  return [
    ...relaysOf(config, stat, tele),
    ...(online === undefined ? [] : [{ topic: `${tele}LWT`, path: [], states: online }]),
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
  // What is left of the pattern would be a guess, and a topic holds no wildcards.
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
