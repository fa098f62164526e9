/** Older rows from a real InfluxDB, which the recorder of docs/backfill.md has filled with the demo sensors' messages. */
import {
  type DataFrame,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  LoadingState,
} from '@grafana/data';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startRecorder, toLine } from '../../broker/examples/influxdb-recorder';
import { startBroker, type TestBroker } from '../../broker/fixture';
import { type Sensors, startSensors } from '../../broker/sensors';
import { findInfluxdb, type InfluxdbServer, startInfluxdb } from '../../testing/influxdb';
import { InfluxDataSource, type InfluxOptions, type InfluxQuery } from '../../workbench/influxdb/data-source';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const program = findInfluxdb();
const PAST_SECONDS = 600;

test('the recorder writes the line protocol, and skips what is no number', () => {
  expect(toLine('home/living room/temperature', '21.5', 5)).toBe(
    String.raw`mqtt,topic=home/living\ room/temperature value=21.5 5`
  );
  expect(toLine('a=b,c', '{"ENERGY":{"Power":3,"on":true},"list":[1]}', 5)).toBe(
    String.raw`mqtt,topic=a\=b\,c ENERGY.Power=3,list.0=1 5`
  );
  expect(toLine('a', 'open', 5)).toBeUndefined();
  expect(toLine('a', '{"state":"open"}', 5)).toBeUndefined();
});

test('the recorder renames what InfluxDB refuses as a name', () => {
  // InfluxDB has no field called time: it drops the field without a word, or refuses the line.
  expect(toLine('a', '{"time":1,"x":{"time":2},"Time":3}', 5)).toBe('mqtt,topic=a time_=1,x.time=2,Time=3 5');
  // A backslash before a separator, or at the end, would escape the separator. InfluxDB keeps any other as it is.
  expect(toLine('a\\b\\', '{"c\\\\":1,"d\\\\,e":2}', 5)).toBe(
    String.raw`mqtt,topic=a\b\_ ` + String.raw`c\_=1,d\_\,e=2 5`
  );
  expect(toLine('a', '{"":1,"x":{"":2}}', 5)).toBe('mqtt,topic=a value=1,x.=2 5');
});

test('the recorder skips numbers that InfluxDB cannot store', () => {
  // JSON.parse reads 1e400 as Infinity.
  expect(toLine('a', '{"a":1e400,"b":1}', 5)).toBe('mqtt,topic=a b=1 5');
  expect(toLine('a', '-1e400', 5)).toBeUndefined();
  expect(toLine('a', 'NaN', 5)).toBeUndefined();
  expect(toLine('a', '{}', 5)).toBeUndefined();
  expect(toLine('a', `${'['.repeat(100_000)}1${']'.repeat(100_000)}`, 5)).toBeUndefined();
});

test('docs/backfill.md has the recorder that runs here', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
  expect(await read('../../docs/backfill.md')).toContain(
    `\`\`\`ts\n${await read('../../broker/examples/influxdb-recorder.ts')}\`\`\``
  );
});

// Debian's package influxdb; CI installs it.
describe.skipIf(program === undefined)('a panel over the demo sensors, with InfluxDB 1.x', () => {
  let influxdb: InfluxdbServer;
  let broker: TestBroker;
  let sensors: Sensors;
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  let start: number;
  const pool = testPool();

  beforeAll(async () => {
    [influxdb, broker] = await Promise.all([startInfluxdb(program!), startBroker()]);
    recorder = await startRecorder({
      broker: broker.tcp!.url,
      influxdb: influxdb.url,
      database: 'demo',
      filters: ['home/#', 'tele/#'],
    });
    start = Date.now();
    sensors = startSensors((message) => broker.publish(message), {
      sets: ['home'],
      faultRate: 0,
      past: {
        seconds: PAST_SECONDS,
        record: (messages) =>
          messages.forEach(({ topic, payload, time }) => recorder.record(topic, String(payload), time)),
      },
    });
    while ((await countOf(influxdb.url)) <= PAST_SECONDS) {
      await recorder.write();
    }
  }, 60_000);
  afterAll(async () => {
    sensors.stop();
    await recorder.stop();
    await broker.close();
    await influxdb[Symbol.asyncDispose]();
  });

  function deps(url = influxdb.url) {
    const settings = {
      uid: 'influxdb',
      name: 'InfluxDB',
      url,
      jsonData: { dbName: 'demo' },
    } as DataSourceInstanceSettings<InfluxOptions>;
    const fetchJson = async (address: string, signal: AbortSignal): Promise<unknown> =>
      (await fetch(address, { signal })).json();
    const source = new InfluxDataSource(settings, fetchJson) as unknown as DataSourceApi;
    return {
      ...testDeps({ url: broker.ws!.url, pool, uid: url, lingerMs: 500 }),
      dataSources: { get: () => Promise.resolve(source), isOwn: () => false },
    };
  }

  function queryOf(topic: string, query: string): Partial<MqttQuery> {
    const influx: InfluxQuery = { refId: 'A', rawQuery: true, query };
    return { topic, backfill: { datasource: { uid: 'influxdb', type: 'influxdb' }, query: influx } };
  }

  const temperature = () =>
    queryOf(
      'home/{room}/temperature',
      'SELECT mean("value") FROM "mqtt" WHERE $timeFilter AND "topic" =~ /temperature$/ GROUP BY time($__interval), "topic" fill(none)'
    );
  const interval = { intervalMs: 5_000, interval: '5s' };
  const raw = { from: 'now-1h', to: 'now' };

  test('has ten minutes of the past and the live rows, one line for each room', async () => {
    const query = { ...temperature(), fields: [{ path: 'Value', unit: 'celsius' }], legend: '{{room}}' };
    const asked = request([query], { ...interval, rangeRaw: raw });
    asked.range = { ...asked.range, from: asked.range.from.subtract(55, 'minutes'), raw };
    using panel = responsesOf(asked, deps());
    await subscribed(broker, 'home/+/temperature');
    const topic = 'home/kitchen/temperature';
    const response = await panel.until((each) => {
      const times = valuesOf(each, 'A', 'Time', topic) as number[];
      return times[0] < start - 500_000 && times[times.length - 1] > Date.now() - 3_000;
    });
    const topics = sensors.topics.filter((each) => each.endsWith('/temperature'));
    expect(topics.length).toBeGreaterThan(2);
    expect(response.data.map(({ name }) => name as string).toSorted()).toEqual(topics.toSorted());
    for (const frame of response.data) {
      const times: number[] = frame.fields[0].values;
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(frame.fields[1].config).toEqual({ displayNameFromDS: frame.fields[1].labels.room, unit: 'celsius' });
      expect(times.filter((time) => time < start).length).toBeGreaterThan(100);
      // No hole at the seam: InfluxDB has each message a second after it was published.
      const steps = times.slice(1).map((time, i) => time - times[i]);
      expect(Math.max(...steps)).toBeLessThan(20_000);
    }
    expect(response.state).toBe(LoadingState.Streaming);
    expect(response.data[0].meta?.notices).toBeUndefined();
  });

  test('reads the fields of JSON by their paths', async () => {
    const query = queryOf(
      'tele/washing-machine/SENSOR',
      'SELECT mean("ENERGY.Power") AS "ENERGY.Power" FROM "mqtt" WHERE $timeFilter GROUP BY time($__interval), "topic" fill(none)'
    );
    using panel = responsesOf(request([query], interval), deps());
    const response = await panel.until(
      (each) => valuesOf(each, 'A', 'ENERGY.Power').length > 20 && valuesOf(each, 'A', 'ENERGY.Voltage').length > 20
    );
    const [power, voltage] = ['ENERGY.Power', 'ENERGY.Voltage'].map((name) => valuesOf(response, 'A', name));
    expect(power[0]).toBeTypeOf('number');
    // The older rows have this field only.
    expect(voltage[0]).toBeUndefined();
  });

  test('answers a range that has ended, and completes', async () => {
    const to = start - 60_000;
    using panel = responsesOf(request([temperature()], { ...interval, ...absolute(to - 300_000, to) }), deps());
    await panel.done();
    expect(panel.last?.state).toBe(LoadingState.Done);
    const rows = valuesOf(panel.last, 'A', 'Value', 'home/bedroom/temperature');
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.every((value) => typeof value === 'number' && value > 10 && value < 30)).toBe(true);
  });

  test.each([
    ['SELECT mean("value" FROM "mqtt"', /Backfill from "InfluxDB": InfluxDB returned error: error parsing query/],
    ['', /Backfill from "InfluxDB": InfluxDB returned error: missing required parameter "q"/],
  ])('streams on if InfluxDB refuses "%s"', async (text, words) => {
    using panel = responsesOf(request([queryOf('home/{room}/temperature', text)], interval), deps());
    const response = await panel.until((each) => valuesOf(each, 'A').length > 0 && words.test(noticesOf(each)));
    expect(response.state).toBe(LoadingState.Streaming);
  });

  test('streams on if InfluxDB is not there', async () => {
    using panel = responsesOf(request([temperature()], interval), deps('http://127.0.0.1:9'));
    const words = /Backfill from "InfluxDB": fetch failed/;
    const response = await panel.until((each) => valuesOf(each, 'A').length > 0 && words.test(noticesOf(each)));
    expect(response.state).toBe(LoadingState.Streaming);
  });

  test('InfluxDB takes every line, and a line that it refuses is not sent again', async () => {
    const odd = await startRecorder({
      broker: broker.tcp!.url,
      influxdb: influxdb.url,
      database: 'odd',
      filters: ['none'],
    });
    const errors: string[] = [];
    const print = vi.spyOn(process.stderr, 'write').mockImplementation((text) => errors.push(String(text)) > 0);
    try {
      const record = (topic: string, payload: string) => odd.record(topic, payload, start);
      for (const name of ['time', '_field', '_measurement', '_time', 'topic', '', '"', 'a\\', 'a\\ ', 'a=,\nb']) {
        record('keys', JSON.stringify({ [name]: 1 }));
        record(`topics ${name}`, '1');
      }
      record('numbers', '{"a":1e400,"b":1e308,"c":-0,"d":5e-324}');
      await odd.write();
      expect(errors).toEqual([]);
      // InfluxDB limits names to 65,535 bytes.
      record('long', `{"${'x'.repeat(65_536)}":1}`);
      record('next', '1');
      await odd.write();
      expect(errors).toEqual([expect.stringContaining('InfluxDB answered 400')]);
      await odd.write();
      expect(errors).toHaveLength(1);
      expect(await countOf(influxdb.url, 'odd')).toBe(12);
    } finally {
      print.mockRestore();
      await odd.stop();
    }
  });
});

function noticesOf({ data }: DataQueryResponse): string {
  return data.flatMap(({ meta }: DataFrame) => meta?.notices?.map(({ text }) => text) ?? []).join(' ');
}

async function countOf(url: string, db = 'demo'): Promise<number> {
  const query = new URLSearchParams({ db, q: 'SELECT count("value") FROM "mqtt"' });
  const response = await fetch(`${url}/query?${query.toString()}`);
  const { results } = (await response.json()) as { results: Array<{ series?: Array<{ values: number[][] }> }> };
  return results[0].series?.[0].values[0][1] ?? 0;
}
