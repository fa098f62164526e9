import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CLEARED } from '../payload/decoded';
import type { DiscoveryEntry } from './entry';
import { decodeDiscovery, readEntries } from './home-assistant';
import { parseTasmota } from './tasmota';

const TOPIC = 'tasmota/discovery/E8DB84000000/config';

/** As Tasmota 12.4.0 on a Sonoff T1 3CH sends it, shortened. */
const CONFIG = {
  dn: 'Tasmota',
  fn: ['Lamp', 'Fan', null, null],
  hn: 'E8DB84000000-4177',
  mac: 'E8DB84000000',
  md: 'Sonoff T1 3CH',
  ofln: 'Offline',
  onln: 'Online',
  state: ['OFF', 'ON', 'TOGGLE', 'HOLD'],
  sw: '12.4.0',
  t: 'hall',
  ft: '%prefix%/%topic%/',
  tp: ['cmnd', 'stat', 'tele'],
  rl: [1, 2, 1, 0],
  so: { 4: 0 },
  ver: 1,
};

const read = (changed: object, topic = TOPIC): DiscoveryEntry[] | undefined =>
  parseTasmota(JSON.stringify({ ...CONFIG, ...changed }), topic);

const find = (changed: object, topic: string, key?: string): DiscoveryEntry | undefined =>
  read(changed)?.find((entry) => entry.topic === topic && entry.path[0] === key);

const POWER = {
  on: { value: 'ON', text: 'ON', tone: 'good' },
  off: { value: 'OFF', text: 'OFF', tone: 'plain' },
};

describe('relays', () => {
  test.each([
    ['stat/hall/POWER', undefined, 'Lamp'],
    ['stat/hall/POWER1', undefined, 'Lamp'],
    ['stat/hall/RESULT', 'POWER1', 'Lamp'],
    ['tele/hall/STATE', 'POWER', 'Lamp'],
    ['stat/hall/POWER2', undefined, 'Fan'],
    ['tele/hall/STATE', 'POWER2', 'Fan'],
  ])('%s %s has states and a name', (topic, key, name) => {
    expect(find({}, topic, key)).toEqual({ topic, path: key === undefined ? [] : [key], states: POWER, name });
  });

  test('a relay without a name has states only', () => {
    expect(find({}, 'stat/hall/POWER3')).toEqual({ topic: 'stat/hall/POWER3', path: [], states: POWER });
  });

  test('an output that is not there, and a shutter, have none', () => {
    expect(find({}, 'stat/hall/POWER4')).toBeUndefined();
    expect(find({ rl: [3, 3] }, 'stat/hall/POWER1')).toBeUndefined();
  });

  test('words of its own (StateText)', () => {
    expect(find({ state: ['aus', 'an'] }, 'stat/hall/POWER')?.states).toMatchObject({
      on: { value: 'an' },
      off: { value: 'aus' },
    });
    expect(find({ state: ['x', 'x'] }, 'stat/hall/POWER')).toBeUndefined();
  });
});

test('the Last Will', () => {
  expect(find({ onln: 'up', ofln: 'down' }, 'tele/hall/LWT')?.states).toMatchObject({
    on: { value: 'up' },
    off: { value: 'down' },
  });
});

test.each([
  ['%topic%/%prefix%/', 'hall/stat/POWER'],
  ['home/%prefix%/%topic%', 'home/stat/hall/POWER'],
  ['%prefix%//%topic%//', 'stat/hall/POWER'],
  ['%prefix%/%hostname%/', 'stat/E8DB84000000-4177/POWER'],
])('the full topic %s', (ft, topic) => {
  expect(find({ ft }, topic)).toBeDefined();
});

test('a pattern in the topic of the device stays as it is', () => {
  expect(find({ t: '$&' }, 'stat/$&/POWER')).toBeDefined();
});

test.each([{ ft: '%prefix%/%id%/' }, { ft: 5 }, { tp: null }, { t: '' }, { t: '#' }, { tp: ['cmnd', '+', 'tele'] }])(
  'without topics that are certain, nothing: %j',
  (changed) => {
    expect(read(changed)).toBeUndefined();
  }
);

test('other announcements are not read as Tasmota', () => {
  expect(read({}, 'homeassistant/switch/hall/config')).toBeUndefined();
  expect(read({}, 'tasmota/discovery/E8DB84000000/sensors')).toBeUndefined();
  expect(parseTasmota('{', TOPIC)).toBeUndefined();
});

test('through the engine and back; an empty payload clears', () => {
  const decoded = decodeDiscovery(new TextEncoder().encode(JSON.stringify(CONFIG)), TOPIC);
  expect(readEntries(decoded as string)).toEqual(read({}));
  expect(decodeDiscovery(new Uint8Array(), TOPIC)).toBe(CLEARED);
});

test('never throws, and gives texts', () => {
  assert(
    property(constantFrom(...Object.keys(CONFIG), '__proto__'), jsonValue(), (key, value) => {
      for (const entry of read({ [key]: value }) ?? []) {
        expect([typeof entry.topic, typeof (entry.name ?? '')]).toEqual(['string', 'string']);
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) }
  );
});

describe('docs/payloads.md', () => {
  const page = readFileSync(new URL('../../docs/payloads.md', import.meta.url), 'utf8');
  const examples = [...page.matchAll(/^```json tasmota\n([\s\S]*?)^```/gm)].map(([, block]) => [block]);

  test('has an example', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  test.each(examples)('%s', (block) => {
    const { topic, config, entries } = JSON.parse(block) as { topic: string; config: unknown; entries: unknown };
    expect(parseTasmota(JSON.stringify(config), topic)).toEqual(entries);
  });
});
