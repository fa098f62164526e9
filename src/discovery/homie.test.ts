import { assert, constantFrom, jsonValue, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DiscoveryEntry, readEntries } from './entry';
import { createDiscoveryDecoder } from './home-assistant';
import { parseHomie } from './homie';
import { CLEARED } from '../payload/decoded';
import { docExamples } from '../testing/doc-examples';

const decodeDiscovery = createDiscoveryDecoder();

const CAR = 'homie/5/car/$description';
const SPEED = 'homie/car/engine/speed';

interface Case {
  readonly name: string;
  readonly topic?: string;
  readonly said: unknown;
  readonly entries: readonly DiscoveryEntry[];
}

const labels = (yes: string, no: string): DiscoveryEntry['states'] => ({
  on: { value: 'true', text: yes, tone: 'good' },
  off: { value: 'false', text: no, tone: 'plain' },
});

const CASES: readonly Case[] = [
  {
    name: 'the description of a device, with units, names and labels',
    said: {
      homie: '5.0',
      version: 1,
      name: 'Super car',
      nodes: {
        engine: {
          name: 'Engine',
          properties: {
            temperature: { name: 'Engine temperature', datatype: 'float', unit: '°C', format: '-20:120' },
            hood: { name: 'Hood', datatype: 'boolean', format: 'close,open' },
            count: { datatype: 'integer' },
          },
        },
        lights: { properties: { on: { datatype: 'boolean', settable: true }, level: { unit: ' % ' } } },
        empty: {},
      },
    },
    entries: [
      { topic: 'homie/5/car/engine/temperature', path: [], unit: '°C', name: 'Engine temperature' },
      { topic: 'homie/5/car/engine/hood', path: [], states: labels('open', 'close'), name: 'Hood' },
      { topic: 'homie/5/car/lights/level', path: [], unit: '%' },
    ],
  },
  {
    name: 'lists, as drafts had them',
    topic: 'homie/car/$description',
    said: {
      nodes: [{ id: 'engine', properties: [{ id: 'speed', unit: 'km/h' }, { unit: 'V' }, 5] }, { properties: [] }],
    },
    entries: [{ topic: SPEED, path: [], unit: 'km/h' }],
  },
  {
    name: 'a unit, of Homie 4',
    topic: `${SPEED}/$unit`,
    said: 'km/h',
    entries: [{ topic: SPEED, path: [], unit: 'km/h' }],
  },
  {
    name: 'a name, of Homie 4',
    topic: `${SPEED}/$name`,
    said: 'Speed ',
    entries: [{ topic: SPEED, path: [], name: 'Speed' }],
  },
  { name: 'no unit', topic: `${SPEED}/$unit`, said: ' ', entries: [] },
  { name: 'a unit that is a tale', topic: `${SPEED}/$unit`, said: 'x'.repeat(21), entries: [] },
  {
    name: 'labels that are none',
    said: {
      nodes: {
        n: {
          properties: {
            a: { datatype: 'boolean', format: 'on' },
            b: { datatype: 'boolean', format: 'off,on,auto' },
            c: { datatype: 'boolean', format: ',on' },
            d: { datatype: 'boolean', format: 'on,on' },
            e: { datatype: 'enum', format: 'off,on' },
            f: { datatype: 'boolean', format: 5 },
          },
        },
      },
    },
    entries: [],
  },
  { name: 'types that are not as they should be', said: { nodes: { a: 5, b: { properties: 'x' } } }, entries: [] },
  {
    name: 'keys that a prototype has',
    said: JSON.parse('{"nodes":{"__proto__":{"properties":{"constructor":{"unit":"V"}}}}}') as unknown,
    entries: [{ topic: 'homie/5/car/__proto__/constructor', path: [], unit: 'V' }],
  },
  { name: 'no JSON', said: '{', entries: [] },
];

test.each(CASES)('$name', ({ topic = CAR, said, entries }) => {
  const text = typeof said === 'string' ? said : JSON.stringify(said);
  expect(parseHomie(text, topic)).toEqual(entries);
  // Through the engine and back.
  const decoded = decodeDiscovery(new TextEncoder().encode(text), topic);
  expect(decoded === CLEARED ? [] : readEntries(decoded as string)).toEqual(entries);
});

test('what is gone says nothing any longer', () => {
  expect(decodeDiscovery(new Uint8Array(), CAR)).toBe(CLEARED);
  expect(decodeDiscovery(new Uint8Array(), `${SPEED}/$unit`)).toBe(CLEARED);
});

test('a device has at most 500 properties', () => {
  const properties = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [i, { unit: 'V' }]));
  expect(parseHomie(JSON.stringify({ nodes: { n: { properties } } }), CAR)).toHaveLength(500);
});

test('other topics are none of its', () => {
  expect(parseHomie('{}', 'homeassistant/sensor/x/config')).toBeUndefined();
  expect(parseHomie('ready', 'homie/5/car/$state')).toBeUndefined();
});

test('never throws', () => {
  const topics = constantFrom(CAR, `${SPEED}/$unit`, `${SPEED}/$name`);
  const keys = constantFrom('nodes', 'properties', 'unit', 'name', 'datatype', 'format', 'id', '__proto__');
  assert(
    property(topics, keys, keys, jsonValue(), string({ unit: 'binary' }), (topic, outer, inner, value, text) => {
      const nested = JSON.stringify(value);
      for (const said of [
        text,
        `{"${outer}":${nested}}`,
        `{"nodes":{"n":{"${outer}":{"p":{"${inner}":${nested}}}}}}`,
      ]) {
        for (const { unit = '', name = '' } of parseHomie(said, topic) ?? []) {
          expect([typeof unit, typeof name]).toEqual(['string', 'string']);
        }
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) }
  );
});

describe('docs/payloads.md', () => {
  test.each(docExamples('homie'))('%s', (block) => {
    const { topic, description, entries } = JSON.parse(block) as {
      topic: string;
      description: unknown;
      entries: unknown;
    };
    expect(parseHomie(JSON.stringify(description), topic)).toEqual(entries);
  });
});
