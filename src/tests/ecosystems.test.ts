import { FieldType } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { SPARKPLUG } from '../testing/payloads';
import { ARRIVAL, type TestMessage, TestPanel } from '../testing/test-panel';
import type { MqttQuery } from '../types';

/** Messages of real devices: the bytes that a device sends, and the frame that the panel gets. Numbers group a family of devices. */

interface Case {
  readonly name: string;
  readonly query?: Partial<MqttQuery>;
  readonly sent: readonly TestMessage[];
  /** The fields of each frame, by name, type and unit. */
  readonly frames: ReadonlyArray<Record<string, unknown[]>>;
  /** Of each frame, in addition to its topic. Default: none. */
  readonly labels?: ReadonlyArray<Record<string, string>>;
}

const utc = (text: string): number => Date.parse(text);
const MISSING = undefined;

const TASMOTA = {
  Time: '2024-05-17T14:00:13',
  DS18B20: { Temperature: 20.6 },
  ENERGY: { Power: 40, Period: [1, 2] },
  TempUnit: 'C',
};

const CASES: readonly Case[] = [
  {
    name: '1 Tasmota SENSOR, by arrival',
    sent: [{ topic: 'tele/x/SENSOR', payload: TASMOTA }],
    frames: [
      {
        'Time: time': [ARRIVAL],
        'Time (payload): string': ['2024-05-17T14:00:13'],
        'DS18B20.Temperature: number, celsius': [20.6],
        'ENERGY.Power: number, watt': [40],
        'ENERGY.Period[0]: number, watth': [1],
        'ENERGY.Period[1]: number, watth': [2],
        'TempUnit: string': ['C'],
      },
    ],
  },
  {
    name: '1 Tasmota SENSOR, its own time in its zone',
    query: {
      time: { from: 'auto', zone: 'Europe/Berlin' },
      fields: [{ path: 'DS18B20.Temperature', name: 'Bath', unit: 'celsius' }],
    },
    sent: [{ topic: 'tele/x/SENSOR', payload: TASMOTA }],
    frames: [{ 'Time: time': [utc('2024-05-17T12:00:13Z')], 'Bath: number, celsius': [20.6] }],
  },
  {
    name: '1 Tasmota StatusSNS with points in its date, and nan',
    query: { time: { from: 'auto', zone: 'UTC' } },
    sent: [
      {
        payload: '{"StatusSNS":{"Time":"2018.02.15 01:00:50","SI7021":{"Temperature":nan,"Humidity":40.5}}}',
        at: utc('2018-02-15T01:00:51Z'),
      },
    ],
    frames: [
      {
        'Time: time': [utc('2018-02-15T01:00:50Z')],
        'StatusSNS.SI7021.Temperature: number': [NaN],
        'StatusSNS.SI7021.Humidity: number': [40.5],
      },
    ],
  },
  {
    name: '1 Tasmota POWER and LWT',
    query: { topic: 'stat/{device}/POWER\ntele/{device}/LWT' },
    sent: [
      { topic: 'stat/x/POWER', payload: 'ON' },
      { topic: 'tele/x/LWT', payload: 'Online' },
    ],
    frames: [
      { 'Time: time': [ARRIVAL], 'Value: string': ['ON'] },
      { 'Time: time': [ARRIVAL + 1_000], 'Value: string': ['Online'] },
    ],
    labels: [{ device: 'x' }, { device: 'x' }],
  },
  {
    name: '2 zigbee2mqtt: partial updates, numeric text',
    sent: [
      { topic: 'zigbee2mqtt/living room/lamp', payload: { temperature: 27.34, battery: '100.00', state: 'ON' } },
      { topic: 'zigbee2mqtt/living room/lamp', payload: { humidity: 44.72 } },
    ],
    frames: [
      {
        'Time: time': [ARRIVAL, ARRIVAL + 1_000],
        'temperature: number': [27.34, MISSING],
        'battery: string': ['100.00', MISSING],
        'state: string': ['ON', MISSING],
        'humidity: number': [MISSING, 44.72],
      },
    ],
  },
  {
    name: '2 zigbee2mqtt: carried forward, a number where it is asked for, last_seen',
    query: {
      fill: 'previous',
      time: { from: 'path', path: 'last_seen' },
      fields: [
        { path: 'battery', type: 'number', unit: 'percent' },
        { path: 'state', type: 'boolean' },
      ],
    },
    sent: [
      { payload: { battery: '100.00', state: 'ON', last_seen: 1_715_947_190_000 } },
      { payload: { state: 'OFF', last_seen: '2024-05-17T11:59:51Z' } },
    ],
    frames: [
      {
        'Time: time': [1_715_947_190_000, 1_715_947_191_000],
        'battery: number, percent': [100, 100],
        'state: boolean': [true, false],
      },
    ],
  },
  {
    name: '3 Shelly Gen2: keys with colons, float seconds further down',
    query: { time: { from: 'auto' } },
    sent: [
      {
        topic: 'shelly/events/rpc',
        payload: {
          src: 'shelly',
          method: 'NotifyStatus',
          params: {
            ts: 1715945460.3,
            'switch:0': { id: 0, aenergy: { total: 1.5, by_minute: [1, 2, 3], minute_ts: 1715945459 } },
          },
        },
        at: 1715945461_000,
      },
    ],
    frames: [
      {
        'Time: time': [1715945460300],
        'src: string': ['shelly'],
        'method: string': ['NotifyStatus'],
        'params.switch:0.id: number': [0],
        'params.switch:0.aenergy.total: number, watth': [1.5],
        'params.switch:0.aenergy.by_minute[0]: number, suffix:mWh': [1],
        'params.switch:0.aenergy.by_minute[1]: number, suffix:mWh': [2],
        'params.switch:0.aenergy.by_minute[2]: number, suffix:mWh': [3],
        'params.switch:0.aenergy.minute_ts: time': [1715945459000],
      },
    ],
  },
  {
    name: '4 Shelly Gen1: one value a topic',
    query: { topic: 'shellies/{id}/relay/0/#' },
    sent: [
      { topic: 'shellies/plug/relay/0', payload: 'on' },
      { topic: 'shellies/plug/relay/0/power', payload: '12.5' },
    ],
    frames: [
      { 'Time: time': [ARRIVAL], 'Value: string': ['on'] },
      { 'Time: time': [ARRIVAL + 1_000], 'Value: number': [12.5] },
    ],
    labels: [{ id: 'plug' }, { id: 'plug' }],
  },
  {
    name: '5 Home Assistant statestream: JSON in quotes',
    sent: [
      { topic: 'ha/light/desk/state', payload: '"on"' },
      { topic: 'ha/light/desk/last_changed', payload: '"2024-05-17T12:00:00.123456+00:00"' },
    ],
    frames: [
      { 'Time: time': [ARRIVAL + 1_000], 'Value: string': ['2024-05-17T12:00:00.123456+00:00'] },
      { 'Time: time': [ARRIVAL], 'Value: string': ['on'] },
    ],
  },
  {
    name: '5 a time as a field',
    query: { fields: [{ path: 'Value', name: 'changed', type: 'time' }] },
    sent: [{ payload: '"2024-05-17T12:00:00.123456+00:00"' }],
    frames: [{ 'Time: time': [ARRIVAL], 'changed: time': [ARRIVAL + 123.456] }],
  },
  {
    name: '6 Home Assistant discovery is metadata, with text as it is',
    sent: [
      {
        topic: 'homeassistant/sensor/a/config',
        payload: { name: 'T', state_topic: 'a/t', unit_of_measurement: '°C', value_template: '{{ value_json.t }}' },
        retained: true,
      },
    ],
    frames: [
      {
        'Time: time': [ARRIVAL],
        'name: string': ['T'],
        'state_topic: string': ['a/t'],
        'unit_of_measurement: string': ['°C'],
        'value_template: string': ['{{ value_json.t }}'],
      },
    ],
  },
  {
    name: '7 TTN: nanoseconds, a number in text, a list of gateways, a label',
    query: {
      time: { from: 'auto' },
      labels: [{ path: 'end_device_ids.device_id', name: 'device' }],
      fields: [
        { path: 'uplink_message.decoded_payload', name: 'payload' },
        { path: 'uplink_message.settings.frequency', name: 'frequency', type: 'number', unit: 'hertz' },
        { path: 'uplink_message.rx_metadata[0].rssi', name: 'rssi' },
      ],
    },
    sent: [
      {
        topic: 'v3/app@ttn/devices/dev/up',
        payload: {
          end_device_ids: { device_id: 'dev' },
          received_at: '2024-05-17T11:59:59.123456789Z',
          uplink_message: {
            f_port: 1,
            decoded_payload: { temperature: 21.5, door: 'open' },
            rx_metadata: [{ rssi: -51, snr: 9.75 }],
            settings: { frequency: '868100000' },
            consumed_airtime: '0.056576s',
          },
        },
      },
    ],
    frames: [
      {
        'Time: time': [utc('2024-05-17T11:59:59Z') + 123.456789],
        'payload.temperature: number': [21.5],
        'payload.door: string': ['open'],
        'frequency: number, hertz': [868100000],
        'rssi: number': [-51],
      },
    ],
    labels: [{ device: 'dev' }],
  },
  {
    name: '7 TTN: a row for each gateway',
    query: {
      rows: 'uplink_message.rx_metadata',
      time: { from: 'path', path: 'received_at' },
      labels: [{ path: 'gateway_ids.gateway_id', name: 'gateway' }],
      fields: [{ path: 'rssi' }, { path: 'uplink_message.f_cnt', name: 'count' }],
    },
    sent: [
      {
        payload: {
          received_at: '2024-05-17T12:00:00Z',
          uplink_message: {
            f_cnt: 7,
            rx_metadata: [
              { gateway_ids: { gateway_id: 'a' }, rssi: -51 },
              { gateway_ids: { gateway_id: 'b' }, rssi: -90 },
            ],
          },
        },
      },
    ],
    frames: [
      { 'Time: time': [ARRIVAL], 'rssi: number': [-51], 'count: number': [7] },
      { 'Time: time': [ARRIVAL], 'rssi: number': [-90], 'count: number': [7] },
    ],
    labels: [{ gateway: 'a' }, { gateway: 'b' }],
  },
  {
    name: '7 TTN: zeros that proto3 leaves out',
    query: { fields: [{ path: 'f_cnt' }, { path: 'confirmed' }], fill: 'zero' },
    sent: [{ payload: { f_cnt: 3, confirmed: true } }, { payload: {} }],
    frames: [
      { 'Time: time': [ARRIVAL, ARRIVAL + 1_000], 'f_cnt: number': [3, 0], 'confirmed: boolean': [true, false] },
    ],
  },
  {
    name: '8 ChirpStack: device name as a label, times with nine digits',
    query: {
      time: { from: 'path', path: 'time' },
      labels: [{ path: 'deviceInfo.deviceName' }],
      fields: [{ path: 'object' }],
    },
    sent: [
      {
        topic: 'application/1/device/0102030405060708/event/up',
        payload: {
          time: '2022-07-18T09:34:15.775023242+00:00',
          deviceInfo: { deviceName: 'Cellar', devEui: '01', tags: {} },
          data: 'AWc=',
          object: { temperature: 12.5 },
          rxInfo: [],
        },
      },
    ],
    frames: [{ 'Time: time': [utc('2022-07-18T09:34:15Z') + 775.023242], 'object.temperature: number': [12.5] }],
    labels: [{ deviceName: 'Cellar' }],
  },
  {
    name: '9 rtl_433: many devices on one topic, units in names, a time without a zone',
    query: { labels: [{ path: 'model' }, { path: 'id' }], time: { from: 'auto', zone: 'UTC' } },
    sent: [
      { payload: { time: '2024-05-17 11:59:50', model: 'WH2', id: 37, temperature_C: 17.4, mic: 'CRC' } },
      { payload: { time: '2024-05-17 11:59:51', model: 'WH2', id: 38, temperature_C: 4.5, wind_avg_km_h: 3 } },
      // Sent twice, as rtl_433 does for devices that repeat themselves.
      { payload: { time: '2024-05-17 11:59:50', model: 'WH2', id: 37, temperature_C: 17.4, mic: 'CRC' } },
    ],
    frames: [
      { 'Time: time': [utc('2024-05-17T11:59:50Z')], 'temperature_C: number, celsius': [17.4], 'mic: string': ['CRC'] },
      {
        'Time: time': [utc('2024-05-17T11:59:51Z')],
        'temperature_C: number, celsius': [4.5],
        'wind_avg_km_h: number, velocitykmh': [3],
      },
    ],
    labels: [
      { model: 'WH2', id: '37' },
      { model: 'WH2', id: '38' },
    ],
  },
  {
    name: '9 rtl_433: a channel that not all have, and times as -M time has them: unix, with microseconds, with a zone',
    query: { labels: [{ path: 'model' }, { path: 'channel' }, { path: 'id' }], time: { from: 'auto', zone: 'UTC' } },
    sent: [
      { payload: { time: '1715947190', model: 'TX', channel: 2, id: 5, temperature_F: 70, battery_ok: 1 } },
      { payload: { time: '1715947191.25', model: 'TX', channel: 2, id: 5, temperature_F: 71, battery_ok: 1 } },
      { payload: { time: '2024-05-17 11:59:52.123456', model: 'TX', channel: 2, id: 5, temperature_F: 72 } },
      { payload: { time: '2024-05-17T13:59:53+0200', model: 'WS', id: 5, pressure_kPa: 101.2 } },
    ],
    frames: [
      {
        'Time: time': [1715947190000, 1715947191250, utc('2024-05-17T11:59:52Z') + 123.456],
        'temperature_F: number, fahrenheit': [70, 71, 72],
        'battery_ok: number': [1, 1, MISSING],
      },
      { 'Time: time': [utc('2024-05-17T11:59:53Z')], 'pressure_kPa: number, pressurekpa': [101.2] },
    ],
    labels: [
      { model: 'TX', channel: '2', id: '5' },
      { model: 'WS', id: '5' },
    ],
  },
  {
    name: '9 rtl_433: a topic for each value',
    query: { topic: 'rtl_433/{host}/devices/{model}/{channel}/{id}/{what}' },
    sent: [
      { topic: 'rtl_433/attic/devices/WH2/1/37/temperature_C', payload: '17.4' },
      { topic: 'rtl_433/attic/devices/WH2/1/37/time', payload: '2024-05-17 11:59:50' },
      { topic: 'rtl_433/attic/devices/WH2/1/37/mic', payload: 'CRC' },
    ],
    frames: [
      { 'Time: time': [ARRIVAL + 2_000], 'Value: string': ['CRC'] },
      { 'Time: time': [ARRIVAL], 'Value: number': [17.4] },
      { 'Time: time': [ARRIVAL + 1_000], 'Value: string': ['2024-05-17 11:59:50'] },
    ],
    labels: ['mic', 'temperature_C', 'time'].map((what) => ({
      host: 'attic',
      model: 'WH2',
      channel: '1',
      id: '37',
      what,
    })),
  },
  {
    name: '11 ThingsBoard: an array is rows, each with its time, in order',
    sent: [
      {
        topic: 'v1/devices/me/telemetry',
        payload: [
          { ts: 1715947195000, values: { temperature: 2 } },
          { ts: 1715947190000, values: { temperature: 1 } },
        ],
      },
    ],
    frames: [{ 'Time: time': [1715947190000, 1715947195000], 'values.temperature: number': [1, 2] }],
  },
  {
    name: '11 ThingsBoard: flat',
    sent: [{ topic: 'v1/devices/me/telemetry', payload: { temperature: 21, active: true } }],
    frames: [{ 'Time: time': [ARRIVAL], 'temperature: number': [21], 'active: boolean': [true] }],
  },
  {
    name: '12 Telegraf JSON, many metrics in one message',
    query: {
      rows: 'metrics',
      time: { from: 'path', path: 'timestamp', format: 's' },
      labels: [{ path: 'name' }, { path: 'tags.host' }],
      fields: [{ path: 'fields.usage', name: 'usage' }],
    },
    sent: [
      {
        payload: {
          metrics: [
            { fields: { usage: 30 }, name: 'cpu', tags: { host: 'a' }, timestamp: 1458229140 },
            { fields: { usage: 40 }, name: 'cpu', tags: { host: 'b' }, timestamp: 1458229140 },
          ],
        },
      },
    ],
    frames: [
      { 'Time: time': [1458229140000], 'usage: number': [30] },
      { 'Time: time': [1458229140000], 'usage: number': [40] },
    ],
    labels: [
      { name: 'cpu', host: 'a' },
      { name: 'cpu', host: 'b' },
    ],
  },
  {
    name: '12 Telegraf line protocol: tags are labels, nanoseconds are the time',
    query: { format: 'influx' },
    sent: [{ payload: 'weather,location=north temp=21.5,count=3i,ok=t,note="x y" 1715947190123456789' }],
    frames: [
      {
        'Time: time': [1715947190123.4568],
        'temp: number': [21.5],
        'count: number': [3],
        'ok: boolean': [true],
        'note: string': ['x y'],
      },
    ],
    labels: [{ location: 'north', measurement: 'weather' }],
  },
  {
    name: '13 AWS shadow: times of keys next to their values',
    query: { time: { from: 'auto' } },
    sent: [
      {
        topic: '$aws/things/t/shadow/update/documents',
        payload: {
          state: { reported: { temp: 20 }, desired: { temp: 21 } },
          metadata: { reported: { temp: { timestamp: 1715947100 } } },
          timestamp: 1715947190,
          version: 3,
        },
      },
    ],
    frames: [
      {
        'Time: time': [1715947190000],
        'state.reported.temp: number': [20],
        'state.desired.temp: number': [21],
        'metadata.reported.temp.timestamp: time': [1715947100000],
        'version: number': [3],
      },
    ],
  },
  {
    name: '14 OwnTracks: tst in seconds, latitude and longitude as numbers',
    query: { time: { from: 'auto' } },
    sent: [
      {
        topic: 'owntracks/u/d',
        payload: { _type: 'location', lat: 48.85, lon: 2.35, tst: 1715947190, batt: 80, vel: 0 },
      },
    ],
    frames: [
      {
        'Time: time': [1715947190000],
        '_type: string': ['location'],
        'lat: number': [48.85],
        'lon: number': [2.35],
        'batt: number': [80],
        'vel: number': [0],
      },
    ],
  },
  {
    name: '14 OwnTracks: a card is text, its picture too',
    query: { time: { from: 'auto' } },
    sent: [{ topic: 'owntracks/u/d/info', payload: { _type: 'card', name: 'Jane', face: 'iVBORw0KGgo=', tid: 'JA' } }],
    frames: [
      {
        'Time: time': [ARRIVAL],
        '_type: string': ['card'],
        'name: string': ['Jane'],
        'face: string': ['iVBORw0KGgo='],
        'tid: string': ['JA'],
      },
    ],
  },
  {
    name: '15 OpenDTU: one number a topic, labels from levels',
    query: { topic: 'solar/{serial}/{channel}/{what}' },
    sent: [
      { topic: 'solar/1141/0/power', payload: '312.5' },
      { topic: 'solar/1141/0/last_update', payload: '1715947190' },
    ],
    frames: [
      { 'Time: time': [ARRIVAL + 1_000], 'Value: number': [1715947190] },
      { 'Time: time': [ARRIVAL], 'Value: number': [312.5] },
    ],
    labels: [
      { serial: '1141', channel: '0', what: 'last_update' },
      { serial: '1141', channel: '0', what: 'power' },
    ],
  },
  {
    name: '16 ESPHome: a value that is nan',
    sent: [
      { topic: 'esp/sensor/t/state', payload: '21.5' },
      { topic: 'esp/sensor/t/state', payload: 'nan' },
    ],
    frames: [{ 'Time: time': [ARRIVAL, ARRIVAL + 1_000], 'Value: number': [21.5, NaN] }],
  },
  {
    name: '17 Homie: strings as their datatype says, a colour, a state',
    query: { topic: 'homie/5/{device}/{node}/{property}' },
    sent: [
      { topic: 'homie/5/dev/lamp/brightness', payload: '80', retained: true },
      { topic: 'homie/5/dev/lamp/colour', payload: 'rgb,100,100,100', retained: true },
      { topic: 'homie/5/dev/lamp/on', payload: 'true', retained: true },
    ],
    frames: [
      { 'Time: time': [ARRIVAL], 'Value: number': [80] },
      { 'Time: time': [ARRIVAL + 1_000], 'Value: string': ['rgb,100,100,100'] },
      { 'Time: time': [ARRIVAL + 2_000], 'Value: boolean': [true] },
    ],
    labels: [
      { device: 'dev', node: 'lamp', property: 'brightness' },
      { device: 'dev', node: 'lamp', property: 'colour' },
      { device: 'dev', node: 'lamp', property: 'on' },
    ],
  },
  {
    name: '17 Homie: a duration and a date-time are text, of which a time is one where that is asked for',
    query: {
      topic: 'homie/5/{device}/node/{property}',
      fields: [{ path: 'Value' }, { path: 'Value', name: 'at', type: 'time' }],
    },
    sent: [
      { topic: 'homie/5/dev/node/uptime', payload: 'PT12H5M46S', retained: true },
      { topic: 'homie/5/dev/node/since', payload: '2024-05-17T11:00:00.5Z', retained: true },
    ],
    frames: [
      {
        'Time: time': [ARRIVAL + 1_000],
        'Value: string': ['2024-05-17T11:00:00.5Z'],
        'at: time': [utc('2024-05-17T11:00:00.5Z')],
      },
      { 'Time: time': [ARRIVAL], 'Value: string': ['PT12H5M46S'], 'at: time': [null] },
    ],
    labels: [
      { device: 'dev', property: 'since' },
      { device: 'dev', property: 'uptime' },
    ],
  },
  {
    name: '18 SenML: base values, relative times, units',
    query: { format: 'senml' },
    sent: [
      {
        payload: [
          { bn: 'urn:dev:1:', bt: 1.715947195e9, n: 'temp', u: 'Cel', v: 23.1 },
          { n: 'temp', t: -5, u: 'Cel', v: 22.5 },
        ],
      },
    ],
    frames: [{ 'Time: time': [1715947190000, 1715947195000], 'temp: number, celsius': [22.5, 23.1] }],
    labels: [{ bn: 'urn:dev:1:' }],
  },
  {
    name: '19 Frigate: float seconds below, null next to them, a box of numbers',
    query: { fields: [{ path: 'after' }, { path: 'type' }], time: { from: 'path', path: 'after.start_time' } },
    sent: [
      {
        topic: 'frigate/events',
        payload: {
          type: 'update',
          before: { start_time: 1607123955.475377 },
          after: { start_time: 1607123955.475377, end_time: null, label: 'person', box: [1, 2, 3, 4] },
        },
      },
    ],
    frames: [
      {
        'Time: time': [1607123955475.377],
        'after.start_time: time': [1607123955475.377],
        'after.end_time: other': [null],
        'after.label: string': ['person'],
        'after.box[0]: number': [1],
        'after.box[1]: number': [2],
        'after.box[2]: number': [3],
        'after.box[3]: number': [4],
        'type: string': ['update'],
      },
    ],
  },
  {
    name: '20 NMEA by a regular expression',
    query: {
      format: 'regex',
      formatOptions: { pattern: '^\\$GPGGA,(?<time>[\\d.]+),(?<lat>[\\d.]+),(?<ns>[NS])' },
      fields: [{ path: 'lat', type: 'number' }, { path: 'ns' }],
      time: { from: 'path', path: 'time', format: 'HHmmss.S', zone: 'UTC' },
    },
    sent: [{ payload: '$GPGGA,115814.5,2723.03,N,08231.26,W*47' }],
    frames: [{ 'Time: time': [utc('2024-05-17T11:58:14.5Z')], 'lat: number': [2723.03], 'ns: string': ['N'] }],
  },
  {
    name: 'weewx: everything is text, also its dateTime',
    query: {
      time: { from: 'auto' },
      fields: [{ path: 'outTemp_C', type: 'number', unit: 'celsius' }, { path: 'wind' }],
    },
    sent: [{ topic: 'weather/loop', payload: { dateTime: '1715947140.0', outTemp_C: '12.3', wind: '3.0' } }],
    frames: [{ 'Time: time': [1715947140000], 'outTemp_C: number, celsius': [12.3], 'wind: string': ['3.0'] }],
  },
  {
    name: 'Helium: reported_at in milliseconds',
    query: { time: { from: 'auto' } },
    sent: [
      {
        topic: 'helium/x/rx',
        payload: { dev_eui: 'Y', port: 2, payload: 'AQI=', hotspots: [{ rssi: -100 }], reported_at: 1715947199123 },
      },
    ],
    frames: [
      {
        'Time: time': [1715947199123],
        'dev_eui: string': ['Y'],
        'port: number': [2],
        'payload: string': ['AQI='],
        'hotspots: other': [[{ rssi: -100 }]],
      },
    ],
  },
  {
    name: 'Helium: its bytes, with the name and the time from around them',
    query: {
      format: 'int16',
      formatOptions: { unwrap: { encoding: 'base64', path: 'payload' } },
      time: { from: 'auto' },
      labels: [{ path: 'name' }],
    },
    sent: [{ topic: 'helium/x/rx', payload: { name: 'Cellar', payload: 'CSkC', reported_at: 1715947199123 } }],
    frames: [{ 'Time: time': [1715947199123], 'Value: number': [2345] }],
    labels: [{ name: 'Cellar' }],
  },
];

test.each(CASES)('$name', ({ query, sent, frames, labels }) => {
  const shown = new TestPanel(query?.topic === undefined ? { ...query, topic: '#\n$aws/#' } : query).send(...sent);
  const exact = shown.frames.map((_, i) => shown.typedFields(i));
  expect(exact).toEqual(frames);
  expect(exact.map((fields) => Object.keys(fields))).toEqual(frames.map((fields) => Object.keys(fields)));
  expect(shown.labels).toEqual(labels ?? frames.map(() => ({})));
  for (const { name: topic, fields } of shown.frames) {
    const [time, ...others] = fields;
    expect(time.labels).toBeUndefined();
    expect(others.map((field) => field.labels)).toEqual(others.map(() => ({ ...fields.at(-1)!.labels, topic })));
  }
  expect(shown.stream.stats.failed).toBe(0);
});

describe('10 Sparkplug', () => {
  test('births name the aliases, each metric has its time, deaths end the lines', () => {
    const shown = new TestPanel({ topic: 'spBv1.0/#' });
    shown.send(...SPARKPLUG.map(({ topic, bytes }) => ({ topic, payload: bytes })));
    expect(shown.frames.map(({ name }) => name)).toEqual(['spBv1.0/Plant/DDATA/Edge/Pump', 'spBv1.0/Plant/NDATA/Edge']);
    const born = Date.UTC(2024, 4, 17, 11, 31, 0);
    expect(shown.frames.map((_, i) => shown.typedFields(i))).toEqual([
      {
        // The one of a minute before was sent after the birth.
        'Time: time': [born - 60_000, born + 10, born + 2_000, born + 3_000],
        'Flow/Rate: number, suffix:l/s': [0.5, 1.5, 1.75, null],
        'Running: boolean': [MISSING, true, null, null],
      },
      {
        // The death of a node is its will, and has no time but that of its arrival.
        'Time: time': [born, born + 1_000, ARRIVAL + 5_000],
        'Node Control/Rebirth: boolean': [false, MISSING, null],
        'Temperature: number, celsius': [21.5, 22.25, null],
        'Offset: number': [-5, MISSING, null],
        'Total: number': [-5, -6, null],
      },
    ]);
    expect(shown.labels).toEqual([
      { group: 'Plant', node: 'Edge', device: 'Pump' },
      { group: 'Plant', node: 'Edge' },
    ]);
  });
});

describe('19 Frigate', () => {
  test('a picture under the same filter is counted, not fatal, and seen', () => {
    const shown = new TestPanel();
    shown.send(
      { topic: 'frigate/cam/person/snapshot', payload: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0x10]) },
      { topic: 'frigate/events', payload: { type: 'new' } }
    );
    expect(shown.stream.stats).toMatchObject({ messages: 2, failed: 1 });
    expect(shown.notices[0]).toMatch(
      /^1 of 2 messages did not decode. The last one, on "frigate\/cam\/person\/snapshot"/
    );
    expect(shown.frames[0].meta?.custom?.mqtt).toMatchObject({
      messages: 2,
      failed: 1,
      lastFailure: { topic: 'frigate/cam/person/snapshot', hex: 'ffd8ffe00010', length: 6 },
    });
  });

  test('events as annotations', () => {
    const shown = new TestPanel({
      shape: 'annotations',
      rows: 'after',
      time: { from: 'path', path: 'start_time' },
    });
    shown.send({
      topic: 'frigate/events',
      payload: { type: 'end', after: { id: 'x', label: 'person', start_time: 1607123955.5, end_time: 1607123965.5 } },
    });
    expect(shown.typedFields()).toEqual({
      'time: time': [1607123955500],
      'timeEnd: time': [1607123965500],
      'title: string': ['person'],
      'text: string': ['{"id":"x","label":"person","end_time":1607123965500}'],
      'tags: other': [['frigate/events']],
    });
  });
});

test('16 ESPHome: its log as log lines, without the colours of a terminal', () => {
  const shown = new TestPanel({ shape: 'logs' });
  shown.send({ topic: 'esp/debug', payload: '\u001b[0;31m[E][dht:048]: Invalid readings!\u001b[0m' });
  const [frame] = shown.frames;
  expect(frame.meta).toMatchObject({ type: 'log-lines', preferredVisualisationType: 'logs' });
  expect(frame.fields.map(({ name, type, values }) => [name, type, values])).toEqual([
    ['timestamp', FieldType.time, [ARRIVAL]],
    ['body', FieldType.string, ['[E][dht:048]: Invalid readings!']],
    ['severity', FieldType.string, ['error']],
    ['id', FieldType.string, [expect.stringMatching(/^\d+-[0-9a-f]{16}$/)]],
    ['labels', FieldType.other, [{ topic: 'esp/debug' }]],
  ]);
});
