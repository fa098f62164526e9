import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLEARED } from '../payload/decoded';
import { type DiscoveryEntry, readEntries } from './entry';
import { createDiscoveryDecoder, parseDiscovery } from './home-assistant';
import type { AnnouncedStates } from './states';
import { readTemplate } from './template';
import type { Tone } from '../payload/word-pairs';
import { docExamples } from '../testing/doc-examples';

const decodeDiscovery = createDiscoveryDecoder();

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const SENSOR = 'homeassistant/sensor/x/config';

interface Case {
  readonly name: string;
  /** Default: that of a sensor. */
  readonly topic?: string;
  readonly config: unknown;
  readonly entries: readonly DiscoveryEntry[];
}

function states(
  on: string,
  onText: string,
  off: string,
  offText: string,
  ifOn: Tone = 'good',
  ifOff: Tone = 'plain'
): AnnouncedStates {
  return { on: { value: on, text: onText, tone: ifOn }, off: { value: off, text: offText, tone: ifOff } };
}

const ONLINE = states('online', 'online', 'offline', 'offline', 'good', 'bad');

const CASES: readonly Case[] = [
  {
    name: 'a sensor in full, as zigbee2mqtt announces it',
    config: {
      name: 'Kitchen temperature',
      state_topic: 'zigbee2mqtt/kitchen',
      unit_of_measurement: '°C',
      device_class: 'temperature',
      state_class: 'measurement',
      value_template: '{{ value_json.temperature }}',
      unique_id: '0x00158d0001_temperature',
      availability: [{ topic: 'zigbee2mqtt/bridge/state' }],
      device: { identifiers: ['zigbee2mqtt_0x00158d0001'], name: 'kitchen' },
    },
    entries: [
      { topic: 'zigbee2mqtt/kitchen', path: ['temperature'], unit: '°C', name: 'Kitchen temperature' },
      { topic: 'zigbee2mqtt/bridge/state', path: [], states: ONLINE },
    ],
  },
  {
    name: 'abbreviated, with a base topic in front, as Tasmota announces it',
    config: {
      '~': 'tele/bath/',
      name: 'Bath DS18B20 Temperature',
      stat_t: '~SENSOR',
      unit_of_meas: '°C',
      dev_cla: 'temperature',
      val_tpl: "{{value_json['DS18B20'].Temperature}}",
      dev: { ids: ['3A2B1C'] },
    },
    entries: [
      {
        topic: 'tele/bath/SENSOR',
        path: ['DS18B20', 'Temperature'],
        unit: '°C',
        name: 'Bath DS18B20 Temperature',
      },
    ],
  },
  {
    name: 'a base topic at the end',
    config: { '~': '/kitchen', stat_t: 'state~', unit_of_meas: '%' },
    entries: [{ topic: 'state/kitchen', path: [], unit: '%' }],
  },
  {
    name: 'a payload that is the value, as ESPHome announces it; the name is that of its device',
    config: { name: null, stat_t: 'esp/sensor/power/state', unit_of_meas: ' W ', dev: { name: 'Washer' } },
    entries: [{ topic: 'esp/sensor/power/state', path: [], unit: 'W', name: 'Washer' }],
  },
  {
    name: 'in both ways, the short one holds',
    config: { state_topic: 'a', stat_t: 'b', unit_of_measurement: 'kW', unit_of_meas: 'W' },
    entries: [{ topic: 'b', path: [], unit: 'W' }],
  },
  {
    name: 'a device with its components, a state topic and a base that they share',
    config: {
      '~': 'meter',
      dev: { ids: 'm1', name: 'Meter' },
      o: { name: 'meter2mqtt' },
      stat_t: '~/state',
      cmps: {
        power: { p: 'sensor', name: 'Power', dev_cla: 'power', unit_of_meas: 'W', val_tpl: '{{ value_json.p }}' },
        voltage: { p: 'sensor', unit_of_measurement: 'V', value_template: '{{ value_json["v"][0] | float }}' },
        own: { p: 'sensor', '~': 'other', stat_t: '~/x', unit_of_meas: 'A' },
        relay: { p: 'switch', cmd_t: '~/set' },
        gone: { p: 'sensor' },
      },
    },
    entries: [
      { topic: 'meter/state', path: ['p'], unit: 'W', name: 'Power' },
      { topic: 'meter/state', path: ['v', 0], unit: 'V', name: 'Meter' },
      { topic: 'other/x', path: [], unit: 'A', name: 'Meter' },
      { topic: 'meter/state', path: [], states: states('ON', 'ON', 'OFF', 'OFF'), name: 'Meter' },
    ],
  },
  {
    name: 'a device in full',
    config: {
      device: { identifiers: ['m2'] },
      components: { t: { platform: 'sensor', state_topic: 't', unit_of_measurement: '°F' } },
    },
    entries: [{ topic: 't', path: [], unit: '°F' }],
  },
  {
    name: 'a thermostat',
    config: {
      temp_unit: 'C',
      curr_temp_t: 'trv',
      curr_temp_tpl: '{{ value_json.local_temperature }}',
      temperature_state_topic: 'trv',
      temperature_state_template: "{{ value_json['occupied_heating_setpoint'] }}",
    },
    entries: [
      { topic: 'trv', path: ['local_temperature'], unit: 'C' },
      { topic: 'trv', path: ['occupied_heating_setpoint'], unit: 'C' },
    ],
  },
  {
    name: 'keys that a prototype has',
    config: JSON.parse(
      '{"__proto__":{"stat_t":"polluted"},"stat_t":"t","unit_of_meas":"V","val_tpl":"{{ value_json[\'__proto__\'].constructor }}"}'
    ) as unknown,
    entries: [{ topic: 't', path: ['__proto__', 'constructor'], unit: 'V' }],
  },
  {
    name: 'what is inherited is not there',
    config: JSON.parse('{"__proto__":{"stat_t":"t","unit_of_meas":"V"}}') as unknown,
    entries: [],
  },
  {
    name: 'a binary sensor, whose device class says what its states are called',
    topic: 'homeassistant/binary_sensor/0x01/contact/config',
    config: {
      name: 'Front door',
      dev_cla: 'door',
      stat_t: 'zigbee2mqtt/door',
      val_tpl: '{{ value_json.contact }}',
      pl_on: false,
      pl_off: true,
    },
    entries: [
      {
        topic: 'zigbee2mqtt/door',
        path: ['contact'],
        states: states('false', 'Open', 'true', 'Closed'),
        name: 'Front door',
      },
    ],
  },
  {
    name: 'one without a class, with the payloads that are usual',
    topic: 'homeassistant/binary_sensor/x/config',
    config: { stat_t: 't' },
    entries: [{ topic: 't', path: [], states: states('ON', 'ON', 'OFF', 'OFF') }],
  },
  {
    name: 'news that is bad',
    topic: 'homeassistant/binary_sensor/x/config',
    config: { stat_t: 't', device_class: 'smoke', payload_on: 'alarm', payload_off: 'ok' },
    entries: [{ topic: 't', path: [], states: states('alarm', 'Detected', 'ok', 'Clear', 'bad', 'good') }],
  },
  {
    name: 'a class that a prototype has, and one that nobody knows',
    topic: 'homeassistant/device/x/config',
    config: {
      cmps: {
        a: { p: 'binary_sensor', stat_t: 'a', dev_cla: 'constructor' },
        b: { p: 'binary_sensor', stat_t: 'b', dev_cla: 'new in 2030' },
        c: { p: 'constructor', stat_t: 'c' },
      },
    },
    entries: [
      { topic: 'a', path: [], states: states('ON', 'ON', 'OFF', 'OFF') },
      { topic: 'b', path: [], states: states('ON', 'ON', 'OFF', 'OFF') },
    ],
  },
  {
    name: 'a switch, whose states have their own words; a node that is called like a component',
    topic: 'homeassistant/switch/sensor/plug/config',
    config: { stat_t: 't', pl_on: '{"on":1}', stat_on: '1', stat_off: 0 },
    entries: [{ topic: 't', path: [], states: states('1', '1', '0', '0') }],
  },
  {
    name: 'a lock',
    topic: 'homeassistant/lock/x/config',
    config: { stat_t: 't' },
    entries: [{ topic: 't', path: [], states: states('LOCKED', 'LOCKED', 'UNLOCKED', 'UNLOCKED') }],
  },
  {
    name: 'lights: one with a template of its state, one of JSON; a fan',
    topic: 'homeassistant/device/x/config',
    config: {
      cmps: {
        a: { p: 'light', stat_t: 'a', stat_val_tpl: '{{ value_json.on }}', val_tpl: '{{ value_json.other }}' },
        b: { p: 'light', schema: 'json', stat_t: 'b' },
        c: { p: 'fan', stat_t: 'c', pl_on: 'on', pl_off: 'off' },
      },
    },
    entries: [
      { topic: 'a', path: ['on'], states: states('ON', 'ON', 'OFF', 'OFF') },
      { topic: 'b', path: ['state'], states: states('ON', 'ON', 'OFF', 'OFF') },
      { topic: 'c', path: [], states: states('on', 'on', 'off', 'off') },
    ],
  },
  {
    name: 'states that are the same, or none',
    topic: 'homeassistant/device/x/config',
    config: {
      cmps: {
        a: { p: 'switch', stat_t: 'a', pl_on: 'toggle', pl_off: 'toggle' },
        b: { p: 'switch', stat_t: 'b', pl_on: '' },
        c: { p: 'switch', stat_t: 'c', pl_on: 'x'.repeat(101) },
        d: { p: 'binary_sensor', stat_t: 'd', val_tpl: '{{ "ON" if value_json.n > 3 else "OFF" }}' },
        e: { p: 'binary_sensor' },
      },
    },
    entries: [],
  },
  {
    name: 'the topic that says whether it is there, with the payloads that are usual, and its own',
    config: { '~': 'tele/bath', avty_t: '~/LWT', pl_avail: 'Online', pl_not_avail: 'Offline', stat_t: '~/x' },
    entries: [
      { topic: 'tele/bath/LWT', path: [], states: states('Online', 'Online', 'Offline', 'Offline', 'good', 'bad') },
    ],
  },
  {
    name: 'a list of such topics, that of a device for all of its components',
    config: {
      '~': 'z',
      avty: [{ t: '~/bridge', val_tpl: '{{ value_json.state }}' }, { topic: 'z/kitchen/availability' }, 'nothing'],
      cmps: { t: { p: 'sensor', stat_t: '~/kitchen', unit_of_meas: 'V' } },
    },
    entries: [
      { topic: 'z/bridge', path: ['state'], states: ONLINE },
      { topic: 'z/kitchen/availability', path: [], states: ONLINE },
      { topic: 'z/kitchen', path: [], unit: 'V' },
    ],
  },
  { name: 'no unit', config: { stat_t: 't', val_tpl: '{{ value_json.state }}' }, entries: [] },
  { name: 'an empty unit', config: { stat_t: 't', unit_of_meas: ' ' }, entries: [] },
  { name: 'a unit that is a tale', config: { stat_t: 't', unit_of_meas: 'x'.repeat(21) }, entries: [] },
  { name: 'no topic', config: { unit_of_meas: 'V' }, entries: [] },
  {
    name: 'a template that computes',
    config: { stat_t: 't', unit_of_meas: 'V', val_tpl: '{{ value | float / 10 }}' },
    entries: [],
  },
  { name: 'types that are not as they should be', config: { stat_t: 5, unit_of_meas: ['V'], cmps: [1] }, entries: [] },
  { name: 'a template that is none', config: { stat_t: 't', unit_of_meas: 'V', val_tpl: { a: 1 } }, entries: [] },
  { name: 'a list', config: [{ stat_t: 't', unit_of_meas: 'V' }], entries: [] },
  { name: 'a number', config: 5, entries: [] },
];

describe('configurations', () => {
  test.each(CASES)('$name', ({ topic = SENSOR, config, entries }) => {
    const text = JSON.stringify(config);
    expect(parseDiscovery(text, topic)).toEqual(entries);
    // Through the engine and back.
    const decoded = decodeDiscovery(encode(text), topic);
    expect(decoded === CLEARED ? [] : readEntries(decoded as string)).toEqual(entries);
  });

  test.each(['', '{', 'online', '{"stat_t":'])('%j is none', (text) => {
    expect(decodeDiscovery(encode(text), 't')).toBe(CLEARED);
  });

  test('bytes that are no text are none', () => {
    expect(decodeDiscovery(new Uint8Array([0xff, 0xfe]), 't')).toBe(CLEARED);
  });

  test('a device has at most 500 values', () => {
    const cmps = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [i, { stat_t: `t${i}`, unit_of_meas: 'V' }]));
    expect(parseDiscovery(JSON.stringify({ cmps }), SENSOR)).toHaveLength(500);
  });

  test('nesting of any depth is passed over', () => {
    expect(parseDiscovery(`{"cmps":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, SENSOR)).toEqual([]);
    expect(parseDiscovery('{"cmps":'.repeat(10_000), SENSOR)).toEqual([]);
  });
});

describe('docs/payloads.md', () => {
  test.each(docExamples('discovery'))('%s', (block) => {
    const { topic, config, entries } = JSON.parse(block) as Required<Case>;
    expect(parseDiscovery(JSON.stringify(config), topic)).toEqual(entries);
  });
});

describe('templates', () => {
  test.each<[string, Array<string | number>]>([
    ['{{ value_json.temperature }}', ['temperature']],
    ['{{value_json.temperature}}', ['temperature']],
    ['{{- value_json.temperature -}}', ['temperature']],
    ["{{ value_json['a b'].c }}", ['a b', 'c']],
    ['{{ value_json["switch:0"].temperature.tC }}', ['switch:0', 'temperature', 'tC']],
    ["{{ value_json['it\\'s'] }}", ["it's"]],
    ['{{ value_json.list[2].x }}', ['list', 2, 'x']],
    ['{{ value_json.list.2 }}', ['list', 2]],
    ["{{ value_json.get('x') }}", ['x']],
    ["{{ value_json.get('x', 0) }}", ['x']],
    ['{{ value_json.x | float }}', ['x']],
    ['{{ value_json.x|float(0)|round(2) }}', ['x']],
    ['{{ value_json.x | float(default=0) | round(1, "floor") }}', ['x']],
    ["{{ value_json.x | default('') | is_defined }}", ['x']],
    ['{{ (value_json.x | float) | round(1) }}', ['x']],
    ['{{ float(value_json.x, 0) }}', ['x']],
    ['{{ int(value) }}', []],
    ['{{ value }}', []],
    ['{{ value | float }}', []],
    ['{{ value_json }}', []],
    ['{{ value_json.a.b if value_json.a is defined and value_json.a.b is defined else 0 }}', ['a', 'b']],
    ["{{ value_json.x if value_json.x is not none else '' }}", ['x']],
  ])('%s', (template, path) => {
    expect(readTemplate(template)).toEqual(path);
  });

  test.each([
    '',
    'value_json.x',
    '{{ }}',
    '{{ value_json.x * 10 }}',
    '{{ value_json.x | float / 1000 }}',
    '{{ value_json.x | multiply(0.1) }}',
    '{{ value_json.x + value_json.y }}',
    '{{ -value_json.x }}',
    '{{ value_json.x }} °C',
    '{{ value_json.x }}{{ value_json.y }}',
    '{% if value_json.x %}{{ value_json.x }}{% endif %}',
    '{{ value_json.x if value_json.y > 5 else value_json.z }}',
    '{{ value_json.x if value_json.x is defined else value_json.y * 2 }}',
    '{{ value_json[-1] }}',
    "{{ value_json['a\\nb'] }}",
    "{{ value_json['\\u00e9'] }}",
    '{{ value_json[value_json.i] }}',
    "{{ value_json['x' }}",
    "{{ value_json['x'",
    '{{ value_json. }}',
    '{{ value_json.x | }}',
    '{{ value_json.x | round( }}',
    '{{ value.x }}',
    "{{ states('sensor.x') }}",
    '{{ now() }}',
    `{{ value_json.${'x'.repeat(600)} }}`,
    `{{ ${'('.repeat(400)} }}`,
  ])('%s is too clever', (template) => {
    expect(readTemplate(template)).toBeUndefined();
  });
});

const KEYS =
  '~ name dev device cmps components stat_t state_topic val_tpl value_template unit_of_meas unit_of_measurement temp_unit curr_temp_t p dev_cla pl_on pl_off avty avty_t t __proto__ constructor toString';
const PARTS = `{{ }} value_json value . x [ ] 'a' " ' \\ ( ) | float , 0 - if is defined else get = not none % __proto__`;
const kinds = fc.constantFrom('sensor', 'binary_sensor', 'switch', 'light', 'lock', 'fan', 'constructor', '__proto__');
const key = fc.constantFrom(...KEYS.split(' '), '');
const template = fc
  .array(fc.constantFrom(...PARTS.split(' '), ' '), { maxLength: 30 })
  .map((parts) => `{{${parts.join('')}}}`);
const { config } = fc.letrec<{ config: unknown }>((tie) => ({
  config: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), template, fc.constantFrom('~', '~/a', 'a/~', '°C', null)),
    // Text, because an object of this language would take `__proto__` for its own.
    fc
      .array(fc.tuple(key, tie('config')), { maxLength: 8 })
      .map((entries): unknown =>
        JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`)
      )
  ),
}));

/** Runs of each property: few in each test run, many with `npm run fuzz`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

describe('hostile input', () => {
  test('never throws, and gives nothing but topics, paths and short units', () => {
    fc.assert(
      fc.property(config, kinds, (value, kind) => {
        for (const entry of parseDiscovery(JSON.stringify(value), `homeassistant/${kind}/x/config`)) {
          const { topic, path, unit = '', states, name = '' } = entry;
          expect([typeof topic, Array.isArray(path), typeof unit, typeof name]).toEqual([
            'string',
            true,
            'string',
            'string',
          ]);
          expect(entry.unit !== undefined || states !== undefined).toBe(true);
          for (const { value: sent, text } of states === undefined ? [] : [states.on, states.off]) {
            expect([typeof sent, typeof text]).toEqual(['string', 'string']);
            expect(sent.length).toBeLessThanOrEqual(100);
          }
          expect(topic).not.toBe('');
          expect(path.every((step) => typeof step === 'string' || Number.isInteger(step))).toBe(true);
          expect(unit.length).toBeLessThanOrEqual(20);
        }
      }),
      { numRuns: RUNS }
    );
  });

  test('any path that is written out is read back', () => {
    const steps = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(999)), { maxLength: 5 });
    const written = (step: string | number): string =>
      typeof step === 'number' ? `[${step}]` : `['${step.replaceAll(/[\\']/g, String.raw`\$&`)}']`;
    fc.assert(
      fc.property(steps, (path) => {
        expect(readTemplate(`{{ value_json${path.map(written).join('')} | float }}`)).toEqual(path);
      }),
      { numRuns: RUNS }
    );
  });

  test('templates never throw', () => {
    fc.assert(
      fc.property(fc.oneof(template, fc.string({ unit: 'binary' })), (text) => {
        const path = readTemplate(text);
        expect(path === undefined || Array.isArray(path)).toBe(true);
      }),
      { numRuns: RUNS }
    );
  });

  test('bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeDiscovery(bytes, 't');
        expect(decoded === CLEARED || typeof decoded === 'string').toBe(true);
      }),
      { numRuns: RUNS }
    );
  });
});
