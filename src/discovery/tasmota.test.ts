import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLEARED } from '../payload/decoded';
import { type DiscoveryEntry, readEntries } from './entry';
import { createDiscoveryDecoder } from './home-assistant';
import { TasmotaReader } from './tasmota';
import { docExamples } from '../testing/doc-examples';

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
  new TasmotaReader().read(JSON.stringify({ ...CONFIG, ...changed }), topic);

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

describe('sensors', () => {
  const SENSORS = 'tasmota/discovery/E8DB84000000/sensors';

  const show = (entries: readonly DiscoveryEntry[] = []): string[] =>
    entries.flatMap(({ topic, path, unit, name }) =>
      unit === undefined ? [] : [`${topic} ${path.join('.')} ${unit} (${name})`]
    );

  /** The units by topic and path, with the names. */
  function announced(sn: unknown, config: object = {}): string[] {
    const reader = new TasmotaReader();
    reader.read(JSON.stringify({ ...CONFIG, ...config }), TOPIC);
    return show(reader.read(JSON.stringify({ sn, ver: 1 }), SENSORS));
  }

  test.each<[string, object, string[]]>([
    ['a humidity', { SHT3X: { Humidity: 48 } }, ['SHT3X.Humidity %']],
    [
      'units that the device chooses',
      {
        BME280: { Temperature: 70, DewPoint: 50, Pressure: 760 },
        TX23: { Speed: { Act: 3, Avg: 2 } },
        TempUnit: 'F',
        PressureUnit: 'mmHg',
        SpeedUnit: 'km/h',
      },
      [
        'BME280.Temperature °F',
        'BME280.DewPoint °F',
        'BME280.Pressure mmHg',
        'TX23.Speed.Act km/h',
        'TX23.Speed.Avg km/h',
      ],
    ],
    [
      'phases',
      { ENERGY: { Voltage: [230, 231], Total: 5, Factor: 0.9, TotalStartTime: '2024-01-01T00:00:00' } },
      ['ENERGY.Voltage.0 V', 'ENERGY.Voltage.1 V', 'ENERGY.Total kWh'],
    ],
    [
      'fine dust and gases',
      { SDS: { 'PM2.5': 4 }, S8: { CarbonDioxide: 400 } },
      ['SDS.PM2.5 µg/m³', 'S8.CarbonDioxide ppm'],
    ],
    [
      'several inputs of one quantity',
      {
        ANALOG: {
          Temperature1: 2.4,
          Temperature2: 2.5,
          Illuminance3: 5,
          Range4: 1,
          CTEnergy1: { Energy: 1, Power: 2 },
        },
        TempUnit: 'C',
      },
      [
        'ANALOG.Temperature1 °C',
        'ANALOG.Temperature2 °C',
        'ANALOG.Illuminance3 lx',
        'ANALOG.CTEnergy1.Energy kWh',
        'ANALOG.CTEnergy1.Power W',
      ],
    ],
    [
      'phases by name, and no tariffs',
      {
        ENERGY: { Total: { Phase1: 1, Phase2: 2 }, TotalTariff: [1, 2], ReactivePower: -7 },
        'DS18B20-1': { Id: '01', Temperature: 20 },
        TempUnit: 'C',
      },
      ['ENERGY.Total.Phase1 kWh', 'ENERGY.Total.Phase2 kWh', 'ENERGY.ReactivePower var', 'DS18B20-1.Temperature °C'],
    ],
    ['names that objects have', { toString: { constructor: 1, Humidity: 5 } }, ['toString.Humidity %']],
    ['nothing of what has no unit', { Time: 'x', Switch1: 'ON', TempUnit: 'C', A: { Id: '01', Red: 4 } }, []],
  ])('have units: %s', (_, sn, units) => {
    const seen = announced(sn).filter((line) => line.startsWith('tele/hall/SENSOR '));
    expect(seen.map((line) => line.replace(/^\S+ | \(.*/g, ''))).toEqual(units);
  });

  test('are those of the message that is sent, and of the answers to Status 8 and 10, with the name of the device', () => {
    expect(announced({ A: { Humidity: 1 } })).toEqual([
      'tele/hall/SENSOR A.Humidity % (Tasmota A Humidity)',
      'stat/hall/STATUS8 StatusSNS.A.Humidity % (Tasmota A Humidity)',
      'stat/hall/STATUS10 StatusSNS.A.Humidity % (Tasmota A Humidity)',
    ]);
    expect(announced({ A: { Humidity: 1 } }, { dn: '' })[0]).toContain('(A Humidity)');
  });

  test('wait for the device', () => {
    const reader = new TasmotaReader();
    const sensors = '{"sn":{"A":{"Humidity":1}}}';
    expect(reader.read(sensors, SENSORS)).toEqual([]);
    const both = show(reader.read(JSON.stringify(CONFIG), TOPIC));
    expect(both).toEqual(announced({ A: { Humidity: 1 } }));
    expect(show(reader.read(sensors, SENSORS))).toEqual(both);
    // Both are taken back.
    reader.read('', SENSORS);
    expect(show(reader.read(JSON.stringify(CONFIG), TOPIC))).toEqual([]);
    reader.read('', TOPIC);
    expect(reader.read(sensors, SENSORS)).toEqual([]);
  });

  test('are bounded, and never throw', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`S${i}`, { Humidity: i }]));
    expect(announced(many)).toHaveLength(600);
    expect(new TasmotaReader().read('{"sn":[]}', SENSORS)).toBeUndefined();
    assert(
      property(jsonValue(), (sn) => {
        expect(Array.isArray(announced(sn))).toBe(true);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) }
    );
  });
});

test('other announcements are not read as Tasmota', () => {
  expect(read({}, 'homeassistant/switch/hall/config')).toBeUndefined();
  expect(read({}, 'tasmota/discovery/E8DB84000000/sensors')).toBeUndefined();
  expect(new TasmotaReader().read('{', TOPIC)).toBeUndefined();
});

test('through the engine and back; an empty payload clears', () => {
  const decodeDiscovery = createDiscoveryDecoder();
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
  // In the order of the page: the units of sensors need both messages.
  const reader = new TasmotaReader();
  test.each(docExamples('tasmota'))('%s', (block) => {
    const { topic, config, entries } = JSON.parse(block) as { topic: string; config: unknown; entries: unknown };
    expect(reader.read(JSON.stringify(config), topic)).toEqual(entries);
  });
});
