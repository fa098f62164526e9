import { describe, expect, test } from 'vitest';
import { createDecoder, CLEARED } from '../payload/decode';
import { PAYLOAD_FIXTURES, SPARKPLUG } from './payloads';
import { Rows } from '../payload/rows/rows';
import './parts';

const units = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries));
const SENML = { bn: 'urn:dev:ow:10e2073a01080063:' };

/** The decoded values; a payload that is not here is JSON, and is read as JSON.parse reads it. */
const DECODED: Readonly<Record<string, unknown>> = {
  'Tasmota, a sensor that fails': {
    Time: '2017-02-16T10:13:52',
    DHT22: { Temperature: NaN, Humidity: 45.2 },
    TempUnit: 'C',
  },
  'Tasmota power': 'ON',
  'Tasmota last will': 'Online',
  'Shelly Gen1 relay': 'on',
  'Shelly Gen1 power': 41.07,
  'Home Assistant state': 'on',
  'Home Assistant last_changed': '2024-05-17T11:31:00.123456+00:00',
  'The Things Stack, the bytes of the device': new Rows([
    { value: 2345, whole: { uplink_message: { f_port: 1, frm_payload: 'CSkC' } } },
  ]),
  'Telegraf line protocol': new Rows([
    {
      value: { free: '18446744073709551615', used: 5, label: 'my "disk"', ok: true },
      labels: { measurement: 'disk', host: 'web', path: '/' },
      time: 1465839830100 + 0.4002,
    },
  ]),
  'OpenDTU power': 301.4,
  'OpenDTU last update': 1715945460,
  'ESPHome state': 21.5,
  'ESPHome, a sensor that fails': NaN,
  'ESPHome log': "[D][sensor:094]: 'Temperature': Sending state 21.50000 °C",
  'Homie float': 21.5,
  'Homie colour': 'rgb,100,100,100',
  'Homie duration': 'PT12H5M46S',
  SenML: new Rows([
    { value: { voltage: 120.1 }, units: units({ voltage: 'V' }), labels: SENML, time: 1.27e12 },
    { value: { current: 1.2 }, units: units({ current: 'A' }), labels: SENML, time: 1.27e12 - 5_000 },
    { value: { current: 1.3 }, units: units({ current: 'A' }), labels: SENML, time: 1.27e12 - 4_000 },
    { value: { state: 'ok' }, labels: SENML, time: 1.27e12 },
  ]),
  'SenML, relative times': new Rows([
    { value: { temp: 23.1 }, units: units({ temp: 'Cel' }), offset: -5_000 },
    { value: { temp: 23.2 }, units: units({ temp: 'Cel' }) },
  ]),
  'SenML in CBOR': new Rows([{ value: { voltage: 120.1 }, units: units({ voltage: 'V' }), time: 1715945460000 }]),
  'Frigate snapshot': { reason: expect.stringMatching(/is binary .* a JPEG picture/) },
  NMEA: {
    1: '$GPGGA',
    2: 172814,
    3: 3723.46587704,
    4: 'N',
    5: 12202.26957864,
    6: 'W',
    7: 2,
    8: 6,
    9: 1.2,
    10: 18.893,
    11: 'M',
    12: -25.669,
    13: 'M',
    14: 2,
    15: '0031*4F',
  },
  'a number with a unit': new Rows([{ value: 230.4, units: units({ '': 'V' }) }]),
  'CSV with a header': new Rows([
    { value: { time: '2024-05-17T11:31:00Z', temp: 21.5, note: 'a, b' } },
    { value: { time: '2024-05-17T11:32:00Z', temp: 21.6, note: null } },
  ]),
  'text for a pattern': { temperature: 21.5, humidity: 48 },
  MessagePack: { temp: 21.5, id: '9007199254740993', time: '2024-05-17T11:31:00Z' },
  CBOR: { temp: 21.5, id: '9007199254740993', time: '2024-05-17T11:31:00Z' },
  '16 bits': -200,
  nothing: CLEARED,
};

describe('what sensors of the common ecosystems send', () => {
  // The life of a Sparkplug node is in its own tests: its messages mean nothing one by one.
  const fixtures = PAYLOAD_FIXTURES.filter((fixture) => !SPARKPLUG.includes(fixture));

  test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (name, fixture) => {
    const { bytes, topic, format = 'auto', options } = fixture;
    const decoded = createDecoder(format, options)(bytes, topic);
    const expected = Object.hasOwn(DECODED, name)
      ? DECODED[name]
      : (JSON.parse(new TextDecoder().decode(bytes)) as unknown);
    if (name === 'Frigate snapshot') {
      expect(decoded).toMatchObject(expected as object);
    } else {
      expect(decoded).toEqual(expected);
    }
  });

  test('each has a name of its own', () => {
    const names = PAYLOAD_FIXTURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(DECODED).filter((name) => !names.includes(name))).toEqual([]);
  });
});
