/** Panels with older rows of another data source. The rules of matching have tests of their own in `src/history`. */
import {
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  FieldType,
  LoadingState,
} from '@grafana/data';
import { delay, NEVER, Observable, of, tap, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../../broker/fixture';
import type { DataSourceFinder } from '../history/backfill-result';
import type { RunDeps } from '../query/run-deps';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery } from '../types';

type Answer = (request: DataQueryRequest) => Observable<DataQueryResponse>;

/** Another data source, which records what it is asked. */
class OtherSource {
  readonly requests: DataQueryRequest[] = [];
  cancelled = 0;
  readonly finder: DataSourceFinder;

  /** @param type the plugin id; `own`: this plugin's. */
  constructor(answer: Answer, type = 'influxdb') {
    const api = {
      name: 'Recorder',
      meta: { id: type },
      query: (asked: DataQueryRequest) => {
        this.requests.push(asked);
        const response = answer(asked);
        return new Observable<DataQueryResponse>((subscriber) => {
          let ended = false;
          const end = (): void => {
            ended = true;
          };
          subscriber.add(() => (this.cancelled += ended ? 0 : 1));
          return response.pipe(tap({ error: end, complete: end })).subscribe(subscriber);
        });
      },
    } as unknown as DataSourceApi;
    this.finder = {
      get: ({ uid }) =>
        uid === 'other' ? Promise.resolve(api) : Promise.reject(new Error(`Data source ${uid} was not found`)),
      isOwn: () => type === 'own',
    };
  }
}

function series(labels: Record<string, string>, rows: Array<[number, unknown]>, name = 'Value'): DataFrame {
  const type = typeof rows[0]?.[1] === 'string' ? FieldType.string : FieldType.number;
  return {
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: rows.map(([time]) => time) },
      { name, type, config: { unit: 'kelvin' }, labels, values: rows.map(([, value]) => value) },
    ],
    length: rows.length,
  };
}

function pastOf([labels, name]: [Record<string, string>, string?], rows: Array<[number, unknown]>): DataFrame {
  return series(labels, rows, name);
}

const done = (...data: DataFrame[]): Observable<DataQueryResponse> => of({ data, state: LoadingState.Done });

const BACKFILL: MqttQuery['backfill'] = {
  datasource: { uid: 'other', type: 'influxdb' },
  query: { refId: 'A', rawSql: 'SELECT $room' } as DataQuery,
};

function depsOf(broker: TestBroker, other: OtherSource): RunDeps {
  return { ...testDeps({ url: broker.ws!.url, pool: testPool(), lingerMs: 1_000 }), dataSources: other.finder };
}

function notices(response: DataQueryResponse | undefined): string {
  return (response?.data ?? [])
    .flatMap((frame: DataFrame) => frame.meta?.notices?.map(({ text }) => text) ?? [])
    .join(' ');
}

const temperature = { topic: 'home/{room}/temperature', legend: '{{room}}', backfill: BACKFILL };

describe('a live panel', () => {
  test.for<[string, (topic: string, device: string, metric: string) => [Record<string, string>, string?]]>([
    ['the topic as a label', (topic) => [{ topic }, 'value']],
    ['a label for each level', (_, device, metric) => [{ device, metric }]],
    ['the topic as the name', (topic) => [{}, topic]],
  ])('with field names from a level has older rows in these fields, by %s', async ([, as]) => {
    await using broker = await startBroker();
    const at = Date.now();
    const past = (device: string, metric: string, value: number): DataFrame =>
      pastOf(as(`plant/${device}/${metric}`, device, metric), [[at - 60_000, value]]);
    const other = new OtherSource(() => done(past('d1', 'temp', 1), past('d1', 'rpm', 2), past('d2', 'temp', 3)));
    const query = { topic: 'plant/{device}/{metric}', pivot: 'metric', backfill: BACKFILL } as const;
    using panel = responsesOf(request([query]), depsOf(broker, other));
    await subscribed(broker, 'plant/+/+');
    await broker.publish({ topic: 'plant/d1/temp', payload: '20' });
    await broker.publish({ topic: 'plant/d1/rpm', payload: '900' });
    const rows = (response: DataQueryResponse, field: string, device: string): unknown[] =>
      valuesOf(response, 'A', field, `plant/${device}/+`);
    const response = await panel.until((each) => rows(each, 'rpm', 'd1').includes(900) && each.data.length >= 2);
    expect(rows(response, 'temp', 'd1')[0]).toBe(1);
    expect(rows(response, 'temp', 'd1')).toContain(20);
    expect(rows(response, 'rpm', 'd1')[0]).toBe(2);
    // A device that has not published yet
    expect(rows(response, 'temp', 'd2')).toEqual([3]);
    expect(notices(response)).toBe('');
  });

  test('has the older rows of each series before its own, named as its own', async () => {
    await using broker = await startBroker();
    const at = Date.now();
    const other = new OtherSource(() =>
      done(
        series({ room: 'kitchen' }, [
          [at - 60_000, 1],
          [at - 30_000, 2],
          [at + 60_000, 3],
        ]),
        series({ room: 'attic' }, [[at - 50_000, 7]])
      )
    );
    const query = { ...temperature, legend: '', fields: [{ path: 'Value', unit: 'celsius' }] };
    using panel = responsesOf(request([query]), depsOf(broker, other));
    await subscribed(broker, 'home/+/temperature');
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '20' });
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '21' });
    const topic = 'home/kitchen/temperature';
    const response = await panel.until((each) => valuesOf(each, 'A', 'Value', topic).length >= 4);
    // The row of the future is not before ours.
    expect(valuesOf(response, 'A', 'Value', topic)).toEqual([1, 2, 20, 21]);
    // A sensor that has not published yet has its older rows.
    expect(valuesOf(response, 'A', 'Value', 'home/attic/temperature')).toEqual([7]);
    const shown = response.data.map(({ fields: [, { config, labels }] }: DataFrame) => [
      config.displayNameFromDS,
      config.unit,
      labels,
    ]);
    expect(shown).toEqual([
      ['attic', 'celsius', { room: 'attic', topic: 'home/attic/temperature' }],
      ['kitchen', 'celsius', { room: 'kitchen', topic }],
    ]);
    expect(response.state).toBe(LoadingState.Streaming);
    expect(notices(response)).toBe('');
  });

  test('asks with its range, interval and variables, and not again for a refresh', async () => {
    await using broker = await startBroker();
    const other = new OtherSource(() => done(series({ room: 'kitchen' }, [[Date.now() - 60_000, 1]])));
    const deps = depsOf(broker, other);
    const asked = request([temperature], { maxDataPoints: 321, intervalMs: 5_000, interval: '5s' });
    using first = responsesOf(asked, deps);
    await first.until((each) => valuesOf(each, 'A').length === 1);
    using second = responsesOf(request([temperature], { ...asked, requestId: 'SQR-refresh' }), deps);
    await second.until((each) => valuesOf(each, 'A').length === 1);
    expect(other.requests).toHaveLength(1);
    const { range, interval, intervalMs, maxDataPoints, scopedVars, targets, requestId } = other.requests[0];
    expect([range, interval, intervalMs, maxDataPoints, scopedVars]).toEqual([asked.range, '5s', 5_000, 321, {}]);
    expect(targets).toEqual([{ refId: 'A', rawSql: 'SELECT $room', datasource: BACKFILL?.datasource }]);
    expect(requestId).toMatch(/^backfill-/);

    using zoomed = responsesOf(request([temperature], { ...asked, ...absolute(Date.now() - 1e6, Date.now()) }), deps);
    await zoomed.done();
    expect(other.requests).toHaveLength(2);
    const room = (value: string) => ({ ...deps, replace: (text: string) => text.replace('$room', value) });
    using attic = responsesOf(request([temperature], asked), room('attic'));
    await attic.until((each) => valuesOf(each, 'A').length === 1);
    expect(other.requests).toHaveLength(3);
  });

  test('streams on if the other data source fails, with its words', async () => {
    await using broker = await startBroker();
    const failures: Array<[Answer, string]> = [
      // oxlint-disable-next-line no-throw-literal -- as Grafana's backend service does
      [
        () => throwError(() => ({ status: 400, data: { message: 'database not found: home' } })),
        'database not found: home',
      ],
      [() => of({ data: [], error: { message: 'error parsing query' } }), 'error parsing query'],
      [() => of({ data: [], errors: [{ message: 'timeout' }] }), 'timeout'],
      [
        () => {
          throw new Error('no such measurement');
        },
        'no such measurement',
      ],
    ];
    for (const [i, [answer, words]] of failures.entries()) {
      const other = new OtherSource(answer);
      using panel = responsesOf(request([{ ...temperature, topic: `t/${i}` }]), depsOf(broker, other));
      await subscribed(broker, `t/${i}`);
      await broker.publish({ topic: `t/${i}`, payload: '20' });
      const response = await panel.until((each) => valuesOf(each, 'A').length === 1);
      expect(notices(response)).toBe(`Backfill from "Recorder": ${words}`);
    }
  });

  test('says why a data source cannot be asked', async () => {
    await using broker = await startBroker();
    for (const [type, uid, words] of [
      ['own', 'other', 'Backfill from "Recorder": A data source of MQTT Stream has no older rows for another one.'],
      ['mixed', 'other', 'Backfill from "Recorder": This data source sends the queries of other data sources.'],
      ['influxdb', 'gone', 'Backfill from another data source: Data source gone was not found'],
    ]) {
      const other = new OtherSource(() => done(), type);
      const query = { ...temperature, backfill: { ...BACKFILL, datasource: { uid } } };
      using panel = responsesOf(request([query]), depsOf(broker, other));
      await panel.until((each) => notices(each).startsWith(words));
      expect(other.requests).toHaveLength(0);
    }
  });

  test('names both sides if a series matches none', async () => {
    await using broker = await startBroker();
    const other = new OtherSource(() =>
      done(
        series({ place: 'north' }, [[Date.now() - 60_000, 1]], 'mean'),
        series({ place: 'south' }, [[Date.now() - 60_000, 1]], 'mean')
      )
    );
    using panel = responsesOf(request([{ ...temperature, topic: 'home/#' }]), depsOf(broker, other));
    await subscribed(broker, 'home/#');
    await broker.publish({ topic: 'home/kitchen', payload: '20' });
    const response = await panel.until((each) => valuesOf(each, 'A').length === 1);
    expect(notices(response)).toBe(
      'Backfill from "Recorder": 2 series of 2 match no series of this query, or several. Not matched: mean {place="north"}; mean {place="south"}. This query has: Value {topic="home/kitchen"}. Give both sides the same labels and names.'
    );
  });

  test('goes on after a marked retained message whose time is long ago', async () => {
    await using broker = await startBroker();
    const at = Date.now();
    const payload = (ago: number, value: number) => JSON.stringify({ at: at - ago, value });
    await broker.publish({ topic: 'home/kitchen/temperature', payload: payload(200_000, 5), retain: true });
    const rows: Array<[number, unknown]> = [
      [at - 240_000, 1],
      [at - 150_000, 2],
      [at - 10_000, 3],
    ];
    const other = new OtherSource(() => done(series({ room: 'kitchen' }, rows)));
    const query = {
      ...temperature,
      fields: [{ path: 'value' }],
      time: { from: 'path', path: 'at' },
      retained: 'mark',
    } as const;
    using panel = responsesOf(request([query]), depsOf(broker, other));
    await panel.until((each) => valuesOf(each, 'A', 'value').length === 4);
    await broker.publish({ topic: 'home/kitchen/temperature', payload: payload(20_000, 6) });
    const response = await panel.until((each) => valuesOf(each, 'A', 'value').includes(6));
    expect(valuesOf(response, 'A', 'value')).toEqual([1, 5, 2, 6]);
    const times = valuesOf(response, 'A', 'Time') as number[];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('ignores topics that are not those of the query, unless nothing else came', async () => {
    const row = (topic: string) => series({ topic }, [[Date.now() - 60_000, 1]]);
    const asked = async (frames: DataFrame[]): Promise<string> => {
      await using broker = await startBroker();
      using panel = responsesOf(request([temperature]), depsOf(broker, new OtherSource(() => done(...frames))));
      await subscribed(broker, 'home/+/temperature');
      await broker.publish({ topic: 'home/kitchen/temperature', payload: '20' });
      const isShown = (each: DataQueryResponse) => valuesOf(each, 'A').includes(20);
      return notices(
        await panel.until((each) => isShown(each) && (valuesOf(each, 'A').length === 2 || notices(each) !== ''))
      );
    };
    const other = row('factory/oven/temperature');
    expect(await asked([row('home/kitchen/temperature'), other])).toBe('');
    expect(await asked([other])).toMatch(/1 series of 1 matches no series of this query/);
  });

  test('cancels the request soon after the panel is left, but not for a refresh', async () => {
    await using broker = await startBroker();
    const other = new OtherSource(() => NEVER);
    const deps = depsOf(broker, other);
    const asked = request([temperature]);
    const first = responsesOf(asked, deps);
    await expect.poll(() => other.requests.length).toBe(1);
    first.unsubscribe();
    const second = responsesOf(asked, deps);
    await new Promise((resolve) => {
      setTimeout(resolve, 1_200);
    });
    expect([other.requests.length, other.cancelled]).toEqual([1, 0]);
    second.unsubscribe();
    await expect.poll(() => other.cancelled, { timeout: 3_000 }).toBe(1);
  });

  test('takes the first rows of a stream, and the responses of several parts', async () => {
    await using broker = await startBroker();
    const at = Date.now();
    const row = (time: number, value: number) => series({ room: 'kitchen' }, [[at - time, value]]);
    const stream = new OtherSource(
      () =>
        new Observable((subscriber) => {
          subscriber.next({ data: [row(3_000, 1)], key: 'a', state: LoadingState.Loading });
          subscriber.next({ data: [row(2_000, 2)], key: 'a', state: LoadingState.Streaming });
          subscriber.next({ data: [row(1_000, 3)], key: 'a', state: LoadingState.Streaming });
        })
    );
    using panel = responsesOf(request([temperature]), depsOf(broker, stream));
    await panel.until((each) => valuesOf(each, 'A')[0] === 2);
    expect(stream.requests).toHaveLength(1);
  });

  test('as a table has the older rows too, and as latest values the newest of them for a silent sensor', async () => {
    await using broker = await startBroker();
    const at = Date.now();
    const other = new OtherSource(() =>
      done(
        series({ room: 'kitchen' }, [[at - 60_000, 1]]),
        series({ room: 'attic' }, [
          [at - 50_000, 6],
          [at - 40_000, 7],
        ])
      )
    );
    const deps = depsOf(broker, other);
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '20', retain: true });
    const targets = [
      { ...temperature, shape: 'table' },
      { ...temperature, shape: 'latest' },
    ] as const;
    using panel = responsesOf(request([...targets]), deps);
    const response = await panel.until((each) => valuesOf(each, 'A').length === 4 && valuesOf(each, 'B').length === 2);
    expect(valuesOf(response, 'A')).toEqual([20, 7, 6, 1]);
    expect(valuesOf(response, 'A', 'room')).toEqual(['kitchen', 'attic', 'attic', 'kitchen']);
    expect([valuesOf(response, 'B', 'room'), valuesOf(response, 'B')]).toEqual([
      ['attic', 'kitchen'],
      [7, 20],
    ]);
  });
});

test('without a broker, a live panel shows the older rows, and the reason as a notice', async () => {
  const other = new OtherSource(() => done(series({ room: 'kitchen' }, [[Date.now() - 60_000, 1]])));
  const deps = { ...testDeps({ url: 'ws://127.0.0.1:9', pool: testPool() }), dataSources: other.finder };
  using panel = responsesOf(request([temperature]), deps);
  const response = await panel.until((each) => valuesOf(each, 'A').length === 1 && notices(each) !== '');
  expect([response.state, response.errors]).toEqual([LoadingState.Streaming, undefined]);
  expect(notices(response)).toMatch(/^Cannot reach ws:/);
});

test('a snapshot for Mixed waits for the older rows', async () => {
  await using broker = await startBroker();
  await broker.publish({ topic: 'home/kitchen/temperature', payload: '20', retain: true });
  const other = new OtherSource(() => done(series({ room: 'kitchen' }, [[Date.now() - 60_000, 1]])).pipe(delay(300)));
  using panel = responsesOf(request([temperature], { requestId: 'mixed-0-SQR1' }), depsOf(broker, other));
  await panel.done();
  expect(valuesOf(panel.last, 'A')).toEqual([1, 20]);
});

describe('a range that has ended', () => {
  test('requests what is missing when somebody zooms out, and shows all', async () => {
    await using broker = await startBroker();
    const end = Date.now() - 3_600_000;
    // A row each ten seconds, at multiples of ten seconds
    const other = new OtherSource(({ range }) => {
      const rows: Array<[number, number]> = [];
      for (let at = Math.ceil(range.from.valueOf() / 10_000) * 10_000; at <= range.to.valueOf(); at += 10_000) {
        rows.push([at, at]);
      }
      return done(series({ topic: 'a/b' }, rows));
    });
    const deps = depsOf(broker, other);
    const query: Partial<MqttQuery> = { topic: 'a/#', backfill: BACKFILL, reduce: 'all' };
    const shown = async (from: number, to: number, intervalMs: number): Promise<unknown[]> => {
      using panel = responsesOf(request([query], { ...absolute(from, to), intervalMs, maxDataPoints: 100 }), deps);
      await panel.done();
      return valuesOf(panel.last, 'A', 'Value', 'a/b');
    };
    expect((await shown(end - 600_000, end, 10_000)).length).toBeOneOf([60, 61]);
    const rows = await shown(end - 1_800_000, end + 600_000, 30_000);
    const times = rows as number[];
    expect(times.length).toBeOneOf([240, 241]);
    expect(times.slice(1).every((time, i) => time - times[i] === 10_000)).toBe(true);
    expect(other.requests.slice(1).map(({ range }) => [range.from.valueOf(), range.to.valueOf()])).toEqual([
      [end - 1_800_000, end - 600_000],
      [expect.toSatisfy((from: number) => from > end - 100_000 && from <= end), end + 600_000],
    ]);
  });

  test('waits for the other data source, and completes with its rows', async () => {
    await using broker = await startBroker();
    const to = Date.now() - 3_600_000;
    const other = new OtherSource(
      () =>
        new Observable((subscriber) => {
          setTimeout(() => {
            subscriber.next({ data: [series({ topic: 'a/b' }, [[to - 1_000, 5]])] });
            subscriber.complete();
          }, 300);
        })
    );
    const query = { topic: 'a/#', backfill: BACKFILL };
    using panel = responsesOf(request([query], absolute(to - 60_000, to)), depsOf(broker, other));
    await panel.done();
    expect(panel.last?.state).toBe(LoadingState.Done);
    expect(valuesOf(panel.last, 'A', 'Value', 'a/b')).toEqual([5]);
  });
});
