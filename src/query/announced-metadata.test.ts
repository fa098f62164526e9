import type { DataFrame, DataQueryResponse, FieldConfig } from '@grafana/data';
import { LoadingState } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { type FixtureOptions, startBroker, type TestBroker } from '../../broker/fixture';
import { Stream } from '../engine/stream';
import { incoming } from '../testing/incoming';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool, type TestRunOptions } from '../testing/test-pool';
import { request } from '../testing/test-request';
import type { MqttQuery } from '../types';
import { DiscoveredValues, discoveryFilters } from './announced-metadata';
import type { RunDeps } from './run-deps';
import { SharedStream } from '../connection/shared-stream';
import { healthCheck } from './health-check';

const FILTERS = discoveryFilters('homeassistant');
const KITCHEN = 'homeassistant/sensor/kitchen/temperature/config';
const TEMPERATURE = {
  name: 'Kitchen temperature',
  state_topic: 'zigbee2mqtt/kitchen',
  unit_of_measurement: '°C',
  device_class: 'temperature',
  value_template: '{{ value_json.temperature }}',
};

function deps(broker: TestBroker, over: Partial<TestRunOptions> = {}): RunDeps & { pool: TestRunOptions['pool'] } {
  const pool = testPool();
  return { ...testDeps({ url: broker.ws!.url, pool, ...over }), discovery: 'homeassistant', pool };
}

async function announce(broker: TestBroker, topic: string, config: object | ''): Promise<void> {
  await broker.publish({ topic, payload: config === '' ? '' : JSON.stringify(config), retain: true });
}

/** The unit of a field, in the frame of a topic or the first of a refId. */
function unitIn(response: DataQueryResponse, refId: string, name: string, topic?: string): string | undefined {
  const frames = response.data as DataFrame[];
  return frames
    .find((frame) => frame.refId === refId && (topic === undefined || frame.name === topic))
    ?.fields.find((field) => field.name === name)?.config.unit;
}

const filtersOf = (broker: TestBroker): string[] => [...broker.subscriptions().values()].flat().toSorted();
const noticesOf = (response: DataQueryResponse): string[] =>
  (response.data as DataFrame[]).flatMap(({ meta }) => meta?.notices?.map(({ text }) => text) ?? []);

/** A broker that does not allow subscriptions below the prefix. */
const REFUSING: FixtureOptions = {
  authorizeSubscribe: (_client, subscription, done) =>
    done(null, subscription.topic.startsWith('homeassistant/') ? null : subscription),
};

describe('units from discovery topics', () => {
  test('of Tasmota come from two messages', async () => {
    await using broker = await startBroker();
    const config = { dn: 'Plug', t: 'plug', ft: '%prefix%/%topic%/', tp: ['cmnd', 'stat', 'tele'], rl: [] };
    await announce(broker, 'tasmota/discovery/A0/sensors', { sn: { AM2301: { Humidity: 48.1 } } });
    await announce(broker, 'tasmota/discovery/A0/config', config);
    const filters = discoveryFilters('tasmota');
    expect(filters).toContain('tasmota/discovery/+/sensors');
    using responses = responsesOf(request([{ topic: 'tele/plug/SENSOR' }]), { ...deps(broker), discovery: 'tasmota' });
    await subscribed(broker, 'tele/plug/SENSOR', ...filters);
    await broker.publish({ topic: 'tele/plug/SENSOR', payload: '{"AM2301":{"Humidity":50}}' });
    await responses.until((each) => unitIn(each, 'A', 'AM2301.Humidity') === 'percent');
  });

  test('of Tasmota, with all that version 14 announces of a plug', async () => {
    await using broker = await startBroker();
    const none = (length: number, value: unknown): unknown[] => Array.from({ length }, () => value);
    await announce(broker, 'tasmota/discovery/A0B1C2D3E4F5/config', {
      ip: '192.168.15.10',
      dn: 'Washing machine',
      fn: ['Washing machine', ...none(7, null)],
      hn: 'tasmota-D3E4F5-1234',
      mac: 'A0B1C2D3E4F5',
      md: 'NOUS A1T',
      ty: 0,
      if: 0,
      cam: 0,
      ofln: 'Offline',
      onln: 'Online',
      state: ['OFF', 'ON', 'TOGGLE', 'HOLD'],
      sw: '14.3.0',
      t: 'tasmota_D3E4F5',
      ft: '%prefix%/%topic%/',
      tp: ['cmnd', 'stat', 'tele'],
      rl: [1, ...none(31, 0)],
      swc: none(28, -1),
      swn: none(28, null),
      btn: none(32, 0),
      so: { 4: 0, 11: 0, 13: 0, 17: 0, 20: 0, 30: 0, 68: 0, 73: 0, 82: 0, 114: 0, 117: 0 },
      lk: 0,
      lt_st: 0,
      bat: 0,
      dslp: 0,
      sho: [],
      sht: [],
      ver: 1,
    });
    const message = {
      Time: '2024-05-17T11:31:00',
      ANALOG: { Temperature1: 21.5 },
      ENERGY: { TotalStartTime: '2024-01-01T00:00:00', Total: 1.5, Power: 5, Factor: 0.9, Voltage: 230 },
      TempUnit: 'C',
    };
    await announce(broker, 'tasmota/discovery/A0B1C2D3E4F5/sensors', { sn: message, ver: 1 });
    const topics = ['tele/tasmota_D3E4F5/SENSOR', 'stat/tasmota_D3E4F5/POWER', 'stat/tasmota_D3E4F5/STATUS10'];
    using responses = responsesOf(request(topics.map((topic) => ({ topic }))), {
      ...deps(broker),
      discovery: 'tasmota',
    });
    await subscribed(broker, ...topics, ...discoveryFilters('tasmota'));
    await broker.publish({ topic: topics[0], payload: JSON.stringify(message) });
    await broker.publish({ topic: topics[1], payload: 'ON' });
    await broker.publish({ topic: topics[2], payload: JSON.stringify({ StatusSNS: message }) });
    const units = { Temperature1: 'celsius', Total: 'kwatth', Power: 'watt', Factor: undefined, Voltage: 'volt' };
    await responses.until((each) =>
      Object.entries(units).every(([key, unit]) => {
        const path = `${key === 'Temperature1' ? 'ANALOG' : 'ENERGY'}.${key}`;
        return unitIn(each, 'A', path) === unit && unitIn(each, 'C', `StatusSNS.${path}`) === unit;
      })
    );
    const isRelay = ({ config }: DataFrame['fields'][number]): boolean =>
      config.description === 'Washing machine' && config.mappings?.length === 1;
    const { data } = await responses.until((each) =>
      (each.data as DataFrame[]).some(({ refId, fields }) => refId === 'B' && fields.some(isRelay))
    );
    const relay = (data as DataFrame[]).find(({ refId }) => refId === 'B')!.fields.find(isRelay)!;
    expect(JSON.stringify(relay.config.mappings)).toMatch(/"ON".*"OFF"/);
  });

  test('are those of the fields, of a value in JSON and of a payload that is one', async () => {
    await using broker = await startBroker();
    await announce(broker, KITCHEN, TEMPERATURE);
    await announce(broker, 'homeassistant/sensor/power/config', { stat_t: 'esp/power/state', unit_of_meas: 'W' });
    await announce(broker, 'homeassistant/device/meter/config', {
      '~': 'meter',
      stat_t: '~/state',
      cmps: { e: { p: 'sensor', unit_of_meas: 'kWh', val_tpl: "{{ value_json['energy total'] | float }}" } },
    });
    const queries = [
      { topic: 'zigbee2mqtt/+' },
      { topic: 'esp/power/state' },
      { topic: 'meter/state' },
      { topic: 'esp/power/state', fields: [{ path: 'Value', name: 'Power' }] },
    ];
    using responses = responsesOf(request(queries), deps(broker));
    await subscribed(broker, 'zigbee2mqtt/+', 'esp/power/state', 'meter/state', ...FILTERS);
    await broker.publish({ topic: 'zigbee2mqtt/kitchen', payload: '{"temperature":21.5,"humidity":40,"state":"ON"}' });
    await broker.publish({ topic: 'zigbee2mqtt/bath', payload: '{"temperature":23}' });
    await broker.publish({ topic: 'esp/power/state', payload: '40.5' });
    await broker.publish({ topic: 'meter/state', payload: '{"energy total":7}' });
    const response = await responses.until(
      (each) =>
        unitIn(each, 'A', 'temperature', 'zigbee2mqtt/kitchen') !== undefined &&
        unitIn(each, 'B', 'Value') !== undefined &&
        unitIn(each, 'C', 'energy total') !== undefined &&
        unitIn(each, 'D', 'Power') !== undefined &&
        valuesOf(each, 'A', 'temperature', 'zigbee2mqtt/bath').length > 0
    );
    expect(unitIn(response, 'A', 'temperature', 'zigbee2mqtt/kitchen')).toBe('celsius');
    expect(unitIn(response, 'A', 'humidity', 'zigbee2mqtt/kitchen')).toBeUndefined();
    expect(unitIn(response, 'A', 'state', 'zigbee2mqtt/kitchen')).toBeUndefined();
    expect(unitIn(response, 'A', 'temperature', 'zigbee2mqtt/bath')).toBeUndefined();
    expect(unitIn(response, 'B', 'Value')).toBe('watt');
    expect(unitIn(response, 'C', 'energy total')).toBe('kwatth');
    expect(unitIn(response, 'D', 'Power')).toBe('watt');
  });

  test('come with what values are called, and with their states: of a contact, of a switch, and whether it is there', async () => {
    await using broker = await startBroker();
    await announce(broker, KITCHEN, TEMPERATURE);
    await announce(broker, 'homeassistant/binary_sensor/door/contact/config', {
      name: 'Front door',
      stat_t: 'zigbee2mqtt/door',
      val_tpl: '{{ value_json.contact }}',
      dev_cla: 'door',
      pl_on: false,
      pl_off: true,
      avty: [{ topic: 'zigbee2mqtt/door/availability' }],
    });
    const queries = [
      { topic: 'zigbee2mqtt/kitchen' },
      { topic: 'zigbee2mqtt/door' },
      { topic: 'zigbee2mqtt/door/availability' },
    ];
    using responses = responsesOf(request(queries), deps(broker));
    await subscribed(broker, ...queries.map(({ topic }) => topic), ...FILTERS);
    await broker.publish({ topic: 'zigbee2mqtt/kitchen', payload: '{"temperature":21.5}' });
    await broker.publish({ topic: 'zigbee2mqtt/door', payload: '{"contact":false}' });
    await broker.publish({ topic: 'zigbee2mqtt/door/availability', payload: 'online' });
    const configOf = (response: DataQueryResponse, refId: string): FieldConfig | undefined =>
      (response.data as DataFrame[]).find((frame) => frame.refId === refId)?.fields[1]?.config;
    const optionsOf = (response: DataQueryResponse, refId: string): unknown =>
      configOf(response, refId)?.mappings?.[0]?.options;
    const response = await responses.until(
      (each) =>
        configOf(each, 'A')?.description !== undefined && ['B', 'C'].every((id) => optionsOf(each, id) !== undefined)
    );
    expect(configOf(response, 'A')).toMatchObject({ description: 'Kitchen temperature', unit: 'celsius' });
    expect(configOf(response, 'B')?.description).toBe('Front door');
    expect(optionsOf(response, 'B')).toMatchObject({ false: { text: 'Open' }, true: { text: 'Closed' } });
    expect(optionsOf(response, 'C')).toMatchObject({ online: { color: 'green' }, offline: { color: 'red' } });
  });

  test('give way to that of the query and to that of the payload', async () => {
    await using broker = await startBroker();
    const config = { stat_t: 't', unit_of_meas: 'V' };
    for (const [key, id] of [
      ['asked', 1],
      ['temperature', 2],
      ['rest', 3],
    ] as const) {
      await announce(broker, `homeassistant/sensor/${id}/config`, { ...config, val_tpl: `{{ value_json.${key} }}` });
    }
    const fields = [{ path: 'asked', unit: 'kwatt' }, { path: 'temperature' }, { path: 'rest' }];
    using responses = responsesOf(request([{ topic: 't', fields }]), deps(broker));
    await subscribed(broker, 't', ...FILTERS);
    await broker.publish({ topic: 't', payload: '{"asked":1,"temperature":2,"temperature_unit":"F","rest":3}' });
    const response = await responses.until((each) => unitIn(each, 'A', 'rest') !== undefined);
    expect(['asked', 'temperature', 'rest'].map((name) => unitIn(response, 'A', name))).toEqual([
      'kwatt',
      'fahrenheit',
      'volt',
    ]);
  });

  test('of a column of several topics are one, or none', async () => {
    await using broker = await startBroker();
    for (const [topic, unit] of [
      ['a/t', '°C'],
      ['b/t', '°C'],
      ['a/h', '%'],
    ]) {
      await announce(broker, `homeassistant/sensor/${topic.replace('/', '_')}/config`, {
        stat_t: topic,
        unit_of_meas: unit,
      });
    }
    const queries: Array<Partial<MqttQuery>> = [
      { topic: '+/t', shape: 'latest' },
      { topic: '+/t', shape: 'table' },
      { topic: 'a/+', shape: 'latest' },
    ];
    using responses = responsesOf(request(queries), deps(broker));
    await subscribed(broker, '+/t', 'a/+', ...FILTERS);
    for (const topic of ['a/t', 'b/t', 'a/h']) {
      await broker.publish({ topic, payload: '20' });
    }
    const response = await responses.until(
      (each) =>
        unitIn(each, 'A', 'Value') !== undefined &&
        unitIn(each, 'B', 'Value') !== undefined &&
        valuesOf(each, 'C').length === 2
    );
    expect([unitIn(response, 'A', 'Value'), unitIn(response, 'B', 'Value')]).toEqual(['celsius', 'celsius']);
    expect(unitIn(response, 'C', 'Value')).toBeUndefined();
  });

  test('come late, stay, and go with their configuration', async () => {
    await using broker = await startBroker();
    using responses = responsesOf(request([{ topic: 'zigbee2mqtt/kitchen' }]), deps(broker));
    await subscribed(broker, 'zigbee2mqtt/kitchen', ...FILTERS);
    const state = (t: number) => broker.publish({ topic: 'zigbee2mqtt/kitchen', payload: `{"temperature":${t}}` });
    await state(1);
    await responses.until((each) => valuesOf(each, 'A', 'temperature').length === 1);
    await announce(broker, KITCHEN, TEMPERATURE);
    await responses.until((each) => unitIn(each, 'A', 'temperature') === 'celsius');
    const known = responses.all.length - 1;
    for (const t of [2, 3, 4]) {
      await state(t);
      await responses.until((each) => valuesOf(each, 'A', 'temperature').length === t);
    }
    const units = responses.all.map((each) => unitIn(each, 'A', 'temperature'));
    expect(new Set(units.slice(known))).toEqual(new Set(['celsius']));
    // Another one takes its place, an empty one takes it away.
    await announce(broker, KITCHEN, { ...TEMPERATURE, unit_of_measurement: '°F' });
    await responses.until((each) => unitIn(each, 'A', 'temperature') === 'fahrenheit');
    await announce(broker, KITCHEN, '');
    await responses.until((each) => unitIn(each, 'A', 'temperature') === undefined);
    expect(responses.all.flatMap(noticesOf)).toEqual([]);
  });

  test('are not for items of a payload, nor for bytes taken out of it', async () => {
    await using broker = await startBroker();
    await announce(broker, KITCHEN, { ...TEMPERATURE, stat_t: 't' });
    const queries = [{ topic: 't' }, { topic: 't', rows: 'list' }];
    using responses = responsesOf(request(queries), deps(broker));
    await subscribed(broker, 't', ...FILTERS);
    await broker.publish({ topic: 't', payload: '{"temperature":1,"list":[{"temperature":2}]}' });
    const response = await responses.until(
      (each) => unitIn(each, 'A', 'temperature') === 'celsius' && valuesOf(each, 'B', 'temperature').length === 1
    );
    expect(unitIn(response, 'B', 'temperature')).toBeUndefined();
  });
});

describe('what Homie devices say of themselves', () => {
  const filters = ['homie/5/+/$description', 'homie/+/+/+/$unit', 'homie/+/+/+/$name'];

  test('is units, names and the labels of booleans, of both kinds of devices', async () => {
    await using broker = await startBroker();
    const properties = {
      t: { name: 'Hall temperature', datatype: 'float', unit: '°C' },
      door: { datatype: 'boolean', format: 'closed,open' },
    };
    await announce(broker, 'homie/5/house/$description', { homie: '5.0', nodes: { hall: { properties } } });
    await broker.publish({ topic: 'homie/car/engine/speed/$unit', payload: 'km/h', retain: true });
    await broker.publish({ topic: 'homie/car/engine/speed/$name', payload: 'Speed', retain: true });
    const topics = ['homie/5/house/hall/t', 'homie/5/house/hall/door', 'homie/car/engine/speed'];
    const queries = topics.map((topic) => ({ topic }));
    using responses = responsesOf(request(queries), { ...deps(broker), discovery: undefined, homie: 'homie' });
    await subscribed(broker, ...topics, ...filters);
    expect(filtersOf(broker)).toEqual([...topics, ...filters].toSorted());
    for (const [i, payload] of ['21.5', 'true', '80'].entries()) {
      await broker.publish({ topic: topics[i], payload, retain: true });
    }
    const configOf = (response: DataQueryResponse, refId: string): FieldConfig | undefined =>
      (response.data as DataFrame[]).find((frame) => frame.refId === refId)?.fields[1]?.config;
    const response = await responses.until(
      (each) =>
        configOf(each, 'A')?.unit !== undefined &&
        configOf(each, 'B')?.mappings !== undefined &&
        configOf(each, 'C')?.unit !== undefined &&
        configOf(each, 'C')?.description !== undefined
    );
    expect(configOf(response, 'A')).toMatchObject({ unit: 'celsius', description: 'Hall temperature' });
    expect(configOf(response, 'B')?.mappings?.[0].options).toMatchObject({
      true: { text: 'open' },
      0: { text: 'closed' },
    });
    expect(configOf(response, 'C')).toMatchObject({ unit: 'velocitykmh', description: 'Speed' });
  });

  test('is counted by Save & test', async () => {
    await using broker = await startBroker();
    await broker.publish({ topic: 'homie/car/engine/speed/$unit', payload: 'km/h', retain: true });
    const result = await healthCheck(deps(broker).connect(), { homie: 'homie' });
    expect(result.details?.message).toContain(
      '1 unit arrived from Homie devices below "homie", for example km/h for "homie/car/engine/speed".'
    );
    expect(result.details?.message).not.toContain('Discovery topics');
  });
});

describe('the subscription', () => {
  test('is not there without the setting', async () => {
    await using broker = await startBroker();
    await announce(broker, KITCHEN, TEMPERATURE);
    using responses = responsesOf(request([{ topic: 'zigbee2mqtt/kitchen' }]), {
      ...deps(broker),
      discovery: undefined,
    });
    await subscribed(broker, 'zigbee2mqtt/kitchen');
    await broker.publish({ topic: 'zigbee2mqtt/kitchen', payload: '{"temperature":1}' });
    const response = await responses.until((each) => valuesOf(each, 'A', 'temperature').length === 1);
    expect(unitIn(response, 'A', 'temperature')).toBeUndefined();
    expect(filtersOf(broker)).toEqual(['zigbee2mqtt/kitchen']);
  });

  test('is one for all panels, and leaves with the last of them', async () => {
    await using broker = await startBroker();
    const shared = deps(broker);
    const one = responsesOf(request([{ topic: 'a' }, { topic: 'b' }]), shared);
    const other = responsesOf(request([{ topic: 'c' }]), shared);
    await subscribed(broker, 'a', 'b', 'c', ...FILTERS);
    expect(filtersOf(broker)).toEqual(['a', 'b', 'c', ...FILTERS].toSorted());
    expect(broker.clients()).toBe(1);
    one.unsubscribe();
    await expect.poll(() => filtersOf(broker), { timeout: 10_000 }).toEqual(['c', ...FILTERS].toSorted());
    other.unsubscribe();
    await expect.poll(() => broker.clients(), { timeout: 10_000 }).toBe(0);
    expect(shared.pool.size).toBe(0);
  });

  test('lingers as the panels do, so that a refresh knows the units at once', async () => {
    await using broker = await startBroker();
    await announce(broker, KITCHEN, TEMPERATURE);
    const shared = deps(broker, { lingerMs: 300 });
    const query = request([{ topic: 'zigbee2mqtt/kitchen' }]);
    const first = responsesOf(query, shared);
    await subscribed(broker, 'zigbee2mqtt/kitchen', ...FILTERS);
    await broker.publish({ topic: 'zigbee2mqtt/kitchen', payload: '{"temperature":1}' });
    await first.until((each) => unitIn(each, 'A', 'temperature') === 'celsius');
    first.unsubscribe();
    const second = responsesOf(query, shared);
    await second.until(() => true);
    expect(unitIn(second.all[0], 'A', 'temperature')).toBe('celsius');
    second.unsubscribe();
    await expect.poll(() => broker.clients(), { timeout: 10_000 }).toBe(0);
  });

  test('of a broker that refuses it disturbs no panel', async () => {
    await using broker = await startBroker(REFUSING);
    using responses = responsesOf(request([{ topic: 't' }]), deps(broker));
    await subscribed(broker, 't');
    for (const payload of ['1', '2']) {
      await broker.publish({ topic: 't', payload });
    }
    const response = await responses.until((each) => valuesOf(each, 'A').length === 2);
    expect(response.state).toBe(LoadingState.Streaming);
    expect(response.errors).toBeUndefined();
    expect(responses.all.flatMap(noticesOf)).toEqual([]);
    expect(filtersOf(broker)).toEqual(['t']);
    expect(broker.clients()).toBe(1);
  });

  test('brings what is no configuration, and nothing comes of it', async () => {
    await using broker = await startBroker();
    for (const payload of ['{', 'online', '[]', '{"stat_t":{}}', '{"__proto__":{"stat_t":"t","unit_of_meas":"V"}}']) {
      await broker.publish({ topic: `homeassistant/x/${payload.length}/config`, payload, retain: true });
    }
    await announce(broker, KITCHEN, { stat_t: 't', unit_of_meas: 'A' });
    using responses = responsesOf(request([{ topic: 't' }]), deps(broker));
    await subscribed(broker, 't', ...FILTERS);
    await broker.publish({ topic: 't', payload: '1' });
    const response = await responses.until((each) => unitIn(each, 'A', 'Value') !== undefined);
    expect(unitIn(response, 'A', 'Value')).toBe('amp');
    expect(responses.all.flatMap(noticesOf)).toEqual([]);
  });
});

describe('Save & test', () => {
  test('says how many units are announced', async () => {
    await using broker = await startBroker();
    await announce(broker, KITCHEN, TEMPERATURE);
    const result = await healthCheck(deps(broker).connect(), { discovery: 'homeassistant' });
    expect(result.status).toBe('success');
    expect(result.details?.message).toContain(
      '1 unit arrived from discovery topics below "homeassistant", for example °C for "Kitchen temperature".'
    );
    await expect.poll(() => broker.clients(), { timeout: 10_000 }).toBe(0);
  });

  test('says that there are none', async () => {
    await using broker = await startBroker();
    const result = await healthCheck(deps(broker).connect(), { discovery: 'homeassistant' });
    expect(result.details?.message).toContain(
      'No units arrived from discovery topics below "homeassistant" within 3 s.'
    );
  });

  test('says that the broker refuses, in the details and not as an error', async () => {
    await using broker = await startBroker(REFUSING);
    await broker.publish({ topic: 't', payload: '1', retain: true });
    const result = await healthCheck(deps(broker).connect(), { discovery: 'homeassistant' });
    expect(result).toMatchObject({ status: 'success', message: expect.not.stringContaining('homeassistant') });
    expect(result.details?.message).toMatch(
      /The broker refused the subscription to "homeassistant\/\+.*\/config": .*The data source gets no units from discovery topics below "homeassistant"\./
    );
  });
});

describe('the table', () => {
  /** The messages over the port for these configurations, by their topic. */
  function feed(most: number): { values: DiscoveredValues; send: (configs: Record<string, object | ''>) => void } {
    const spec = { filters: FILTERS, qos: 0, format: 'discovery', pendingRows: 1, maxSeries: 100 } as const;
    const stream = new Stream(1, spec);
    const live = new SharedStream(1, '', spec);
    let time = 0;
    return {
      values: new DiscoveredValues(live, most),
      send(configs) {
        for (const [topic, config] of Object.entries(configs)) {
          stream.add(incoming(topic, config), ++time, 1);
        }
        live.append(structuredClone(stream.take()!));
      },
    };
  }
  const sensor = (topic: string, unit = 'V'): object => ({ stat_t: topic, unit_of_meas: unit });

  test('has so many entries and no more, and room again when some go', () => {
    const { values, send } = feed(2);
    send({ a: sensor('a'), b: sensor('b'), c: sensor('c') });
    expect(values.entries.map(({ topic }) => topic)).toEqual(['a', 'b']);
    send({ a: '' });
    expect(values.entries.map(({ topic }) => topic)).toEqual(['b', 'c']);
  });

  test('believes neither of two that disagree, and the one that is left', () => {
    const { values, send } = feed(10);
    send({ a: sensor('t', 'V'), b: sensor('t', 'V') });
    expect(values.lookup('t', [])?.unit).toBe('V');
    send({ c: sensor('t', 'A') });
    expect(values.lookup('t', [])?.unit).toBeUndefined();
    send({ c: '' });
    expect(values.lookup('t', [])?.unit).toBe('V');
  });

  test('takes a unit, a name and states from those who say them, and has what many say once', () => {
    const { values, send } = feed(10);
    const availability = { avty_t: 'bridge', pl_avail: 'here', pl_not_avail: 'gone' };
    send({ a: { ...sensor('t'), ...availability }, b: { ...sensor('u'), ...availability, name: 'U' } });
    expect(values.entries.map(({ topic }) => topic)).toEqual(['t', 'bridge', 'u']);
    send({ 'homeassistant/binary_sensor/t/config': { stat_t: 't', name: 'T' } });
    expect(values.lookup('t', [])).toMatchObject({ unit: 'V', name: 'T', states: { on: { value: 'ON' } } });
    send({ c: { ...sensor('t'), name: 'Another' } });
    expect(values.lookup('t', [])?.name).toBeUndefined();
    expect(values.lookup('t', [])?.unit).toBe('V');
  });

  test('tells topics and paths apart, whatever they are called', () => {
    const { values, send } = feed(10);
    send({
      a: { ...sensor('__proto__'), val_tpl: "{{ value_json['__proto__'] }}" },
      b: { ...sensor('constructor', 'A'), val_tpl: "{{ value_json['a.b'] }}" },
    });
    expect(values.lookup('__proto__', ['__proto__'])?.unit).toBe('V');
    expect(values.lookup('__proto__', [])?.unit).toBeUndefined();
    expect(values.lookup('constructor', ['a.b'])?.unit).toBe('A');
    expect(values.lookup('constructor', ['a', 'b'])?.unit).toBeUndefined();
    expect(values.lookup('toString', [])?.unit).toBeUndefined();
  });
});
