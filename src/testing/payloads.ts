import { fromHex } from '../payload/formats/bytes';
import type { PayloadFormat, FormatOptions } from '../payload/formats';

/**
 * Payloads of sensors of the common ecosystems, written from their documentation: for the tests of the decoders, of the
 * frames, and of what happens to broken payloads.
 */
export interface PayloadFixture {
  readonly name: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** Default `auto`. */
  readonly format?: PayloadFormat;
  readonly options?: FormatOptions;
}

const encoder = new TextEncoder();

function text(
  name: string,
  topic: string,
  payload: string | object,
  more: Partial<PayloadFixture> = {}
): PayloadFixture {
  return {
    name,
    topic,
    bytes: encoder.encode(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    ...more,
  };
}

function hex(name: string, topic: string, payload: string, more: Partial<PayloadFixture> = {}): PayloadFixture {
  return { name, topic, bytes: fromHex(payload)!, ...more };
}

/**
 * A node `Edge` of the group `Plant` with a device `Pump`, in the order in which they are sent; the times are those
 * of 2024-05-17, 11:31:00 and some seconds.
 */
export const SPARKPLUG: readonly PayloadFixture[] = [
  // seq 0, bdSeq 4 (Int64), "Node Control/Rebirth" false, "Temperature" (alias 1, Float, engUnit degC) 21.5,
  // "Offset" (alias 2, Int32) -5, "Total" (alias 3, Int64) -5
  hex(
    'Sparkplug NBIRTH',
    'spBv1.0/Plant/NBIRTH/Edge',
    '08a0a2c7b2f831 120b0a05626453657120045804 121a0a144e6f646520436f6e74726f6c2f52656269727468200b7000' +
      '122b0a0b54656d7065726174757265100120094a130a07656e67556e69741208080c42046465674365 0000ac41' +
      '12120a064f66667365741002200350fbffffff0f 12160a05546f74616c1003200458fbffffffffffffffff01 1800',
    { format: 'sparkplug' }
  ),
  // seq 1, "Flow/Rate" (alias 10, Double, engUnit l/s) 1.5, "Running" (alias 11, Boolean) true
  hex(
    'Sparkplug DBIRTH',
    'spBv1.0/Plant/DBIRTH/Edge/Pump',
    '08aaa2c7b2f831 122c0a09466c6f772f52617465100a200a4a120a07656e67556e69741207080c42036c2f7369000000000000f83f' +
      '120f0a0752756e6e696e67100b200b7001 1801',
    { format: 'sparkplug' }
  ),
  // seq 2, alias 1: 22.25 and alias 3: -6, both a second later
  hex(
    'Sparkplug NDATA',
    'spBv1.0/Plant/NDATA/Edge',
    '0888aac7b2f831 120e10011888aac7b2f831650000b241 121410031888aac7b2f83158faffffffffffffffff01 1802',
    { format: 'sparkplug' }
  ),
  // seq 3, two seconds later, alias 10: 1.75 and alias 11: null; alias 10, a minute before the birth, historical: 0.5
  hex(
    'Sparkplug DDATA',
    'spBv1.0/Plant/DDATA/Edge/Pump',
    '08f0b1c7b2f831 1212100a18f0b1c7b2f83169000000000000fc3f 120b100b18f0b1c7b2f8313801' +
      '1214100a18c0cdc3b2f831280169000000000000e03f 1803',
    { format: 'sparkplug' }
  ),
  // seq 4, three seconds later
  hex('Sparkplug DDEATH', 'spBv1.0/Plant/DDEATH/Edge/Pump', '08d8b9c7b2f831 1804', { format: 'sparkplug' }),
  // bdSeq 4; the time is that of the connect
  hex('Sparkplug NDEATH', 'spBv1.0/Plant/NDEATH/Edge', '08a0a2c7b2f831 120b0a05626453657120045804', {
    format: 'sparkplug',
  }),
];

export const PAYLOAD_FIXTURES: readonly PayloadFixture[] = [
  // 1 Tasmota
  text('Tasmota sensor', 'tele/kitchen/SENSOR', {
    Time: '2017-02-16T10:13:52',
    DS18B20: { Temperature: 20.6 },
    ENERGY: { TotalStartTime: '2023-01-01T00:00:00', Total: 12.345, Power: 40, Factor: 0.98 },
    TempUnit: 'C',
  }),
  text(
    'Tasmota, a sensor that fails',
    'tele/kitchen/SENSOR',
    '{"Time":"2017-02-16T10:13:52","DHT22":{"Temperature":nan,"Humidity":45.2},"TempUnit":"C"}'
  ),
  text('Tasmota power', 'stat/kitchen/POWER', 'ON'),
  text('Tasmota last will', 'tele/kitchen/LWT', 'Online'),
  // 2 zigbee2mqtt
  text('zigbee2mqtt sensor', 'zigbee2mqtt/Living room/lamp', {
    temperature: 27.34,
    humidity: 44.72,
    linkquality: 115,
    last_seen: '2024-05-17T11:31:00.000Z',
    state: 'ON',
    battery: '100.00',
  }),
  text('zigbee2mqtt, a part', 'zigbee2mqtt/Living room/lamp', { linkquality: 110 }),
  text('zigbee2mqtt availability', 'zigbee2mqtt/Living room/lamp/availability', { state: 'online' }),
  // 3 Shelly Gen2
  text('Shelly Gen2 status', 'shellyplus1pm-a8032abe54dc/events/rpc', {
    src: 'shellyplus1pm-a8032abe54dc',
    dst: 'shellyplus1pm-a8032abe54dc/events',
    method: 'NotifyStatus',
    params: {
      ts: 1715945460.3,
      'switch:0': { id: 0, aenergy: { total: 1234.567, by_minute: [0, 13.5, 27.1], minute_ts: 1715945459 } },
    },
  }),
  // 4 Shelly Gen1
  text('Shelly Gen1 relay', 'shellies/plug/relay/0', 'on'),
  text('Shelly Gen1 power', 'shellies/plug/relay/0/power', '41.07'),
  // 5 Home Assistant statestream
  text('Home Assistant state', 'ha/light/kitchen/state', '"on"'),
  text('Home Assistant last_changed', 'ha/light/kitchen/last_changed', '"2024-05-17T11:31:00.123456+00:00"'),
  // 6 Home Assistant discovery
  text('Home Assistant discovery', 'homeassistant/sensor/x1/config', {
    name: 'Temperature',
    state_topic: 'garden/x1/state',
    unit_of_measurement: '°C',
    device_class: 'temperature',
    value_template: '{{ value_json.temperature }}',
  }),
  // 7 The Things Network
  text('The Things Stack uplink', 'v3/app@ttn/devices/dev/up', {
    end_device_ids: { device_id: 'dev', dev_eui: '70B3D57ED0001234' },
    received_at: '2024-05-17T11:31:00.123456789Z',
    uplink_message: {
      f_cnt: 42,
      f_port: 1,
      frm_payload: 'CSkC',
      decoded_payload: { temperature: 23.45 },
      rx_metadata: [
        { gateway_ids: { gateway_id: 'gw1' }, rssi: -97, snr: 8.5, time: '2024-05-17T11:31:00.1Z' },
        { gateway_ids: { gateway_id: 'gw2' }, rssi: -110, snr: -1.25 },
      ],
      settings: { frequency: '868100000' },
      consumed_airtime: '0.056576s',
    },
  }),
  text(
    'The Things Stack, the bytes of the device',
    'v3/app@ttn/devices/dev/up',
    { uplink_message: { f_port: 1, frm_payload: 'CSkC' } },
    { format: 'int16', options: { unwrap: { encoding: 'base64', path: 'uplink_message.frm_payload' } } }
  ),
  // 8 ChirpStack
  text('ChirpStack uplink', 'application/5/device/0102030405060708/event/up', {
    time: '2022-07-18T09:34:15.775023242+00:00',
    deviceInfo: { deviceName: 'Cellar', devEui: '0102030405060708', tags: { floor: '-1' } },
    fCnt: 10,
    data: 'AQI=',
    object: { humidity: 61.5 },
    rxInfo: [{ gatewayId: '0016c001f153a14c', rssi: -36, snr: 10.5 }],
  }),
  // 9 rtl_433
  text('rtl_433 event', 'rtl_433/attic/events', {
    time: '2022-10-29 18:42:29',
    model: 'Fineoffset-WH2',
    id: 37,
    temperature_C: 17.4,
    mic: 'CRC',
  }),
  // 11 ThingsBoard
  text('ThingsBoard telemetry', 'v1/devices/me/telemetry', { ts: 1451649600512, values: { a: 'value1', b: 42 } }),
  text('ThingsBoard, several', 'v1/devices/me/telemetry', [
    { ts: 1451649600512, values: { b: 41 } },
    { ts: 1451649601512, values: { b: 42 } },
  ]),
  // 12 Telegraf
  text('Telegraf JSON', 'telegraf/host/cpu', {
    fields: { usage_idle: 97.5 },
    name: 'cpu',
    tags: { cpu: 'cpu0', host: 'web' },
    timestamp: 1458229140,
  }),
  text(
    'Telegraf line protocol',
    'telegraf/host/disk',
    'disk,host=web,path=/ free=18446744073709551615u,used=5i,label="my \\"disk\\"",ok=true 1465839830100400200\n',
    { format: 'influx' }
  ),
  // 13 AWS IoT
  text('AWS shadow', '$aws/things/t/shadow/update/documents', {
    current: {
      state: { reported: { temp: 21.5 }, desired: { temp: 22 } },
      metadata: { reported: { temp: { timestamp: 1583450271 } } },
      version: 5,
    },
    timestamp: 1583450271,
  }),
  // 14 OwnTracks
  text('OwnTracks location', 'owntracks/jane/phone', {
    _type: 'location',
    lat: 48.8584,
    lon: 2.2945,
    tst: 1715945460,
    batt: 87,
    vel: 4,
    acc: 12,
  }),
  // 15 OpenDTU
  text('OpenDTU power', 'solar/116180215546/0/power', '301.4'),
  text('OpenDTU last update', 'solar/116180215546/status/last_update', '1715945460'),
  // 16 ESPHome
  text('ESPHome state', 'garden/sensor/temperature/state', '21.5'),
  text('ESPHome, a sensor that fails', 'garden/sensor/temperature/state', 'nan'),
  text(
    'ESPHome log',
    'garden/debug',
    "\u001b[0;36m[D][sensor:094]: 'Temperature': Sending state 21.50000 °C\u001b[0m",
    { format: 'text' }
  ),
  // 17 Homie
  text('Homie float', 'homie/5/dev/node/temperature', '21.5'),
  text('Homie colour', 'homie/5/dev/node/colour', 'rgb,100,100,100'),
  text('Homie duration', 'homie/5/dev/node/uptime', 'PT12H5M46S'),
  // 18 SenML
  text(
    'SenML',
    'senml/node',
    [
      { bn: 'urn:dev:ow:10e2073a01080063:', bt: 1.27e9, bu: 'A', n: 'voltage', u: 'V', v: 120.1 },
      { n: 'current', t: -5, v: 1.2 },
      { n: 'current', t: -4, v: 1.3 },
      { n: 'state', vs: 'ok' },
    ],
    { format: 'senml' }
  ),
  text(
    'SenML, relative times',
    'senml/node',
    [
      { n: 'temp', u: 'Cel', t: -5, v: 23.1 },
      { n: 'temp', u: 'Cel', v: 23.2 },
    ],
    { format: 'senml' }
  ),
  hex('SenML in CBOR', 'senml/node', '81 a4 0067766f6c74616765 016156 02fb405e066666666666 061a66473ff4', {
    format: 'senml',
  }),
  // 19 Frigate
  text('Frigate event', 'frigate/events', {
    type: 'update',
    before: { id: '1607123955.475377-mxklsc', start_time: 1607123955.475377, end_time: null },
    after: { id: '1607123955.475377-mxklsc', start_time: 1607123955.475377, end_time: null, box: [424, 500, 536, 712] },
  }),
  hex('Frigate snapshot', 'frigate/door/person/snapshot', 'ffd8ffe000104a46494600010101004800480000ffdb'),
  // 20 NMEA
  text('NMEA', 'boat/gps', '$GPGGA,172814.0,3723.46587704,N,12202.26957864,W,2,6,1.2,18.893,M,-25.669,M,2.0,0031*4F', {
    format: 'csv',
  }),
  // Others
  text('a number with a unit', 'meter/voltage', '230,4 V', { format: 'number' }),
  text(
    'CSV with a header',
    'logger/rows',
    'time,temp,note\n2024-05-17T11:31:00Z,21.5,"a, b"\n2024-05-17T11:32:00Z,21.6,\n',
    { format: 'csv' }
  ),
  text('text for a pattern', 'plc/line', 'T=21.5C RH=48%', {
    format: 'regex',
    options: { pattern: 'T=(?<temperature>[\\d.]+)C RH=(?<humidity>\\d+)%' },
  }),
  hex(
    'MessagePack',
    'esp/msgpack',
    '83 a474656d70 cb4035800000000000 a26964 cf0020000000000001 a474696d65 d6ff66473ff4',
    { format: 'msgpack' }
  ),
  hex('CBOR', 'esp/cbor', 'a3 6474656d70 fb4035800000000000 626964 1b0020000000000001 6474696d65 c11a66473ff4', {
    format: 'cbor',
  }),
  ...SPARKPLUG,
  hex('16 bits', 'modbus/register', 'ff38', { format: 'int16' }),
  text('nothing', 'any/topic', ''),
];
