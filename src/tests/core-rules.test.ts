import { SLOW_TICK_MS } from '../engine/tick';
import { type DataQueryResponse, LoadingState, type PanelData } from '@grafana/data';
import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type FixtureOptions, startBroker } from '../../broker/fixture';
import { absoluteRange, lastFiveMinutes, Recorded } from '../../workbench/grafana/fakes';
import { MixedDataSource } from '../../workbench/grafana/mixed';
import { StructureRevision } from '../../workbench/grafana/panel-data';
import { type Queryable, runRequest } from '../../workbench/grafana/run-request';
import { SceneRunner } from '../../workbench/grafana/scene-runner';
import { runVariableQuery } from '../../workbench/grafana/variables';
import { run } from '../query/run';
import type { RunDeps } from '../query/run-deps';
import { valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import { startVariableOptions } from '../query/variable-part';
import type { FrameShape, MqttQuery } from '../types';

/**
 * The rules of docs/development/grafana-core.md, by their number there, each against the parts of Grafana's core in
 * workbench/grafana. Rule 1 is about the built files: dist.test.ts. Rule 10 is in shapes.test.ts.
 */

/** The data source as core holds it, counting its subscriptions. */
class Counted implements Queryable<MqttQuery> {
  readonly name = 'test';
  subscribed = 0;
  active = 0;
  responses: DataQueryResponse[] = [];
  readonly variables: { query: (request: Parameters<typeof run>[0]) => Observable<DataQueryResponse> };

  constructor(readonly deps: RunDeps) {
    this.variables = { query: (req) => startVariableOptions(req, deps, 300) };
  }

  filterQuery(query: MqttQuery): boolean {
    return query.hide !== true;
  }

  query(req: Parameters<typeof run>[0]): Observable<DataQueryResponse> {
    return new Observable((subscriber) => {
      this.subscribed++;
      this.active++;
      const inner = run(req, this.deps).subscribe({
        next: (response) => {
          this.responses.push(response);
          subscriber.next(response);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      return () => {
        this.active--;
        inner.unsubscribe();
      };
    });
  }
}

function frames(data: PanelData | undefined, refId: string, field = 'Value'): unknown[] {
  return valuesOf({ data: data?.series ?? [] }, refId, field);
}

const SHAPES: FrameShape[] = ['series', 'latest', 'table', 'logs', 'annotations'];

const eventually = { timeout: 10_000, interval: 10 };

describe('rule 2: nothing inside subscribe, and a first response before core shows a spinner', () => {
  test('a query whose topic is silent', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    let synchronous = 0;
    const direct = datasource.query(request([{ topic: 't' }])).subscribe(() => synchronous++);
    expect(synchronous).toBe(0);
    direct.unsubscribe();

    datasource.subscribed = 0;
    const panel = new Recorded(runRequest(datasource, request([{ topic: 't' }])));
    await expect.poll(() => panel.emissions.length, eventually).toBeGreaterThan(0);
    expect(panel.emissions[0].state).toBe(LoadingState.Streaming);
    expect(datasource.subscribed).toBe(1);
    panel.unsubscribe();
  });

  test('a query with a mistake in it', async () => {
    const datasource = new Counted(testDeps({ url: 'ws://127.0.0.1:1', pool: testPool() }));
    const panel = new Recorded(runRequest(datasource, request([{ topic: 'a/#/b' }])));
    expect(panel.emissions).toHaveLength(0);
    await expect.poll(() => panel.completed, eventually).toBe(true);
    expect(datasource.subscribed).toBe(1);
    expect(panel.last.errors?.[0].refId).toBe('A');
  });
});

describe('rule 3: one cumulative response per tick', () => {
  test('of one key with the frames of all queries, never sooner than a short tick after another', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const at: number[] = [];
    const subscription = datasource
      .query(request([{ topic: 'a' }, { topic: 'b' }], { intervalMs: 1 }))
      .subscribe(() => at.push(performance.now()));
    await subscribed(broker, 'a', 'b');
    for (let i = 0; datasource.responses.length < 8; i++) {
      await broker.publish({ topic: 'a', payload: String(i) });
      await broker.publish({ topic: 'b', payload: String(i) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    subscription.unsubscribe();
    const full = datasource.responses.slice(-4);
    expect(new Set(datasource.responses.map(({ key }) => key)).size).toBe(1);
    for (const response of full) {
      expect(response.state).toBe(LoadingState.Streaming);
      expect(response.data.map(({ refId }) => refId)).toEqual(['A', 'B']);
    }
    const gaps = at.slice(1).map((time, i) => time - at[i]);
    // Timers may fire a little early; a long tick is only as long as the machine publishes fast enough.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SLOW_TICK_MS - 2);
    expect(valuesOf(full[3], 'A').length).toBeGreaterThan(valuesOf(full[0], 'A').length);
  });

  test('and a heartbeat that moves the time axis when nothing comes', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const panel = new Recorded(runRequest(datasource, request([{ topic: 'silent' }])));
    await expect.poll(() => panel.emissions.length, eventually).toBeGreaterThanOrEqual(3);
    const ends = panel.emissions.slice(0, 3).map(({ timeRange }) => timeRange.to.valueOf());
    expect(ends[1]).toBeGreaterThan(ends[0]);
    expect(ends[2]).toBeGreaterThan(ends[1]);
    panel.unsubscribe();
  });
});

describe('rule 4: each response has new frames, with plain arrays and the same schema', () => {
  test('what core does to a response does not reach the next', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const structure = new StructureRevision();
    const revisions = new Set<number>();
    const subscription = datasource
      .query(request([{ topic: 's' }, { topic: 's/#', shape: 'latest' }]))
      .subscribe(() => undefined);
    await subscribed(broker, 's');
    await broker.publish({ topic: 's', payload: '{"a":1,"b":"x","c":null}' });
    const rows = (): unknown[] => valuesOf(datasource.responses.at(-1), 'A', 'a');
    await expect.poll(() => rows().length, eventually).toBe(1);
    const before = datasource.responses.at(-1)!;
    revisions.add(structure.next(before.data));
    const kept = before.data.flatMap(({ fields }) => fields.map(({ values }: { values: unknown[] }) => values));
    for (const values of kept) {
      expect(Object.getPrototypeOf(values)).toBe(Array.prototype);
      values.length = 0; // what scenes does at a refresh (grafana/scenes#1644)
    }
    await broker.publish({ topic: 's', payload: '{"a":2,"b":"y","c":null}' });
    await expect.poll(() => rows().length, eventually).toBe(2);
    const after = datasource.responses.at(-1)!;
    revisions.add(structure.next(after.data));
    expect(rows()).toEqual([1, 2]);
    expect(valuesOf(after, 'A', 'b')).toEqual(['x', 'y']);
    expect(kept).not.toContain(rows());
    expect(after.data[0]).not.toBe(before.data[0]);
    expect(revisions.size).toBe(1);
    subscription.unsubscribe();
  });
});

describe('rule 5: what is kept outlives a run', () => {
  test('a refresh shows the retained window in its first response', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool(), lingerMs: 5_000 }));
    const emissions: PanelData[] = [];
    const panel = new SceneRunner({
      getDataSource: () => Promise.resolve(datasource),
      queries: [{ refId: 'A', topic: 't' }] as MqttQuery[],
      onData: (data) => emissions.push(data),
    });
    await panel.activate(lastFiveMinutes());
    await subscribed(broker, 't');
    for (const payload of ['1', '2', '3']) {
      await broker.publish({ topic: 't', payload });
    }
    await expect.poll(() => frames(emissions.at(-1), 'A'), eventually).toEqual([1, 2, 3]);
    const shown = emissions.length;
    await panel.run(lastFiveMinutes());
    await expect.poll(() => emissions.length, eventually).toBeGreaterThan(shown);
    expect(frames(emissions[shown], 'A')).toEqual([1, 2, 3]);
    panel.deactivate();
  });
});

describe('rule 6: a connection error is a notice next to data, and an error without data', () => {
  test('a query with a mistake does not stop the time axis of its neighbours', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const panel = new Recorded(runRequest(datasource, request([{ topic: 'a+/b' }, { topic: 'ok' }])));
    await subscribed(broker, 'ok');
    await broker.publish({ topic: 'ok', payload: '1' });
    await expect.poll(() => frames(panel.emissions.at(-1), 'B'), eventually).toEqual([1]);
    expect(panel.last.state).toBe(LoadingState.Streaming);
    expect(panel.last.timeRange.to.valueOf()).toBeGreaterThan(panel.emissions[0].timeRange.to.valueOf() - 1);
    expect(panel.last.series[0].meta?.notices).toEqual([
      { severity: 'error', text: expect.stringMatching(/^A: .*"a\+"/) },
    ]);
    panel.unsubscribe();
  });

  test('a panel whose last response was an error asks again when it comes back into view, and recovers', async () => {
    await using broker = await startBroker();
    const { url } = broker.ws!;
    await broker.stop();
    const datasource = new Counted(testDeps({ url, pool: testPool() }));
    const panel = new SceneRunner({
      getDataSource: () => Promise.resolve(datasource),
      queries: [{ refId: 'A', topic: 't' } as MqttQuery],
      onData: () => undefined,
    });
    const range = lastFiveMinutes();
    await panel.activate(range);
    await expect.poll(() => panel.data?.state, eventually).toBe(LoadingState.Error);
    expect(panel.data?.errors?.[0].message).toMatch(/^Cannot reach ws:/);

    // A row that is closed and opened again, within the same second of the time range.
    panel.deactivate();
    await panel.activate(range);
    expect(datasource.subscribed).toBe(2);
    await expect.poll(() => panel.data?.state, eventually).toBe(LoadingState.Error);

    await broker.restart();
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '7' });
    await expect.poll(() => frames(panel.data, 'A'), eventually).toEqual([7]);
    expect(panel.data).toMatchObject({ state: LoadingState.Streaming, error: undefined });
    panel.deactivate();
    expect(panel.data?.series).toHaveLength(1);
  });
});

describe('rule 7: where core waits for the end, it comes', () => {
  test('hidden queries are not subscribed to', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const subscription = datasource
      .query(request([{ topic: 'shown' }, { topic: 'hidden', hide: true }]))
      .subscribe(() => undefined);
    await subscribed(broker, 'shown');
    expect([...broker.subscriptions().values()].flat()).toEqual(['shown']);
    subscription.unsubscribe();
  });

  test('an absolute range completes', async () => {
    const datasource = new Counted(testDeps({ url: 'ws://127.0.0.1:1', pool: testPool() }));
    const range = absoluteRange(Date.now() - 60_000, Date.now());
    const panel = new Recorded(runRequest(datasource, request([{ topic: 't' }], { range, rangeRaw: range.raw })));
    await expect.poll(() => panel.completed, eventually).toBe(true);
    expect(panel.last.state).toBe(LoadingState.Done);
  });

  test('-- Mixed -- renders', async () => {
    await using broker = await startBroker();
    await broker.publish({ topic: 't', payload: '5', retain: true });
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const mixed = new MixedDataSource(() => Promise.resolve(datasource));
    const panel = new Recorded(runRequest(mixed, request([{ topic: 't', datasource: { uid: 'test' } }])));
    await expect.poll(() => panel.completed, eventually).toBe(true);
    expect(panel.last.state).toBe(LoadingState.Done);
    expect(frames(panel.last, 'A')).toEqual([5]);
  });

  test.each(SHAPES)('-- Mixed -- has no row of the shape %s beyond the range that core shows', async (shape) => {
    await using broker = await startBroker();
    await broker.publish({ topic: 't', payload: '5', retain: true });
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool(), lingerMs: 1_000 }));
    const mixed = new MixedDataSource(() => Promise.resolve(datasource));
    for (const payload of ['6', '7']) {
      const req = request([{ topic: 't', shape, datasource: { uid: 'test' } }]);
      // Messages that come while the snapshot is taken must not lie beyond its end.
      const live = setInterval(() => void broker.publish({ topic: 't', payload }), 5);
      const panel = new Recorded(runRequest(mixed, req));
      await expect.poll(() => panel.completed, eventually).toBe(true);
      clearInterval(live);
      const [{ fields, length }] = panel.last.series;
      expect(length).toBeGreaterThan(0);
      expect(panel.last.timeRange.to.valueOf()).toBe(req.range.to.valueOf());
      expect(Math.max(...(fields[0].values as number[]))).toBeLessThanOrEqual(req.range.to.valueOf());
    }
  });

  test('-- Mixed -- opens with a line where a historian has one', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const values = Array.from({ length: 50 }, (_, n) => n);
    for (const n of values) {
      await broker.publish({ topic: 't', payload: String(n), retain: true });
    }
    const recording = { bytes: 1_000_000, ageMs: 3_600_000, historian: 'history' };
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool(), recording }));
    const mixed = new MixedDataSource(() => Promise.resolve(datasource));
    const panel = new Recorded(runRequest(mixed, request([{ topic: 't', datasource: { uid: 'test' } }])));
    await expect.poll(() => panel.completed, eventually).toBe(true);
    expect(frames(panel.last, 'A')).toEqual(values);
  });

  test('-- Mixed -- has all that the tab has stored, however long reading it takes', async () => {
    await using broker = await startBroker();
    const recording = { bytes: 16_000_000, ageMs: 3_600_000 };
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool, recording, lingerMs: 1_000 });
    const live = new Counted(deps);
    const before = live.query(request([{ topic: 't' }])).subscribe(() => undefined);
    await subscribed(broker, 't');
    const [messages, rows] = [120, 100];
    for (let at = 0; at < messages; at++) {
      const list = Array.from({ length: rows }, (_, i) => ({ n: at * rows + i }));
      await broker.publish({ topic: 't', payload: JSON.stringify({ at, list }) });
    }
    await expect.poll(() => valuesOf(live.responses.at(-1), 'A', 'at').at(-1), eventually).toBe(messages - 1);
    const mixed = new MixedDataSource(() => Promise.resolve(new Counted(deps)));
    const query = { topic: 't', rows: 'list', reduce: 'all', datasource: { uid: 'test' } } as const;
    const panel = new Recorded(runRequest(mixed, request([query])));
    await expect.poll(() => panel.completed, eventually).toBe(true);
    expect(frames(panel.last, 'A', 'n')).toHaveLength(messages * rows);
    before.unsubscribe();
  });

  test('a shared snapshot has rows for the range of when the page was loaded', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    await broker.publish({ topic: 't', payload: '1' });
    const recording = { bytes: 1_000_000, ageMs: 3_600_000, historian: 'history' };
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool(), recording }));
    const req = request([{ topic: 't' }]);
    const panel = new Recorded(runRequest(datasource, req));
    await expect.poll(() => frames(panel.emissions.at(-1), 'A'), eventually).toEqual([1]);
    const [time] = frames(panel.last, 'A', 'Time') as number[];
    // Core stores the frames of the panel, and the dashboard's range as it was.
    expect(time).toBeGreaterThanOrEqual(req.range.from.valueOf());
    expect(time).toBeLessThanOrEqual(req.range.to.valueOf());
    panel.unsubscribe();
  });

  test('a query variable gets its options', async () => {
    await using broker = await startBroker();
    for (const room of ['kitchen', 'bath', 'attic']) {
      await broker.publish({ topic: `home/${room}/t`, payload: '1', retain: true });
    }
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const options = await runVariableQuery(datasource, request([{ topic: 'home/{room}/t' }]));
    expect(options.map(({ value }) => value)).toEqual(['attic', 'bath', 'kitchen']);
  });

  test('a query variable gets its options from a broker that answers late', async () => {
    // Later than the time in which topics are collected.
    const authenticate: FixtureOptions['authenticate'] = (_client, _name, _password, done) =>
      void setTimeout(() => done(null, true), 900);
    await using broker = await startBroker({ authenticate });
    await broker.publish({ topic: 'home/kitchen/t', payload: '1', retain: true });
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const options = await runVariableQuery(datasource, request([{ topic: 'home/{room}/t' }]));
    expect(options.map(({ value }) => value)).toEqual(['kitchen']);
  });
});

describe('rule 8: connections outlive data source instances', () => {
  test('a new instance with the same settings finds the connection of the old one', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const url = broker.ws!.url;
    const [before, after] = [1, 2].map(() => new Counted(testDeps({ url, pool, lingerMs: 5_000 })));
    const first = before.query(request([{ topic: 't' }])).subscribe(() => undefined);
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await expect.poll(() => valuesOf(before.responses.at(-1), 'A'), eventually).toEqual([1]);
    first.unsubscribe();
    const second = after.query(request([{ topic: 't' }])).subscribe(() => undefined);
    await expect.poll(() => after.responses.length, eventually).toBeGreaterThan(0);
    expect(valuesOf(after.responses[0], 'A')).toEqual([1]);
    expect(broker.clients()).toBe(1);
    second.unsubscribe();
  });

  test('an instance with other settings gets its own, and the old one closes when nobody uses it', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const url = broker.ws!.url;
    const before = new Counted(testDeps({ url, pool, lingerMs: 50 }));
    const after = new Counted(testDeps({ url: `${url}?edited`, pool, lingerMs: 50 }));
    const first = before.query(request([{ topic: 't' }])).subscribe(() => undefined);
    const second = after.query(request([{ topic: 't' }])).subscribe(() => undefined);
    await expect.poll(() => broker.clients(), eventually).toBe(2);
    first.unsubscribe();
    await expect.poll(() => broker.clients(), eventually).toBe(1);
    expect(pool.size).toBe(1);
    second.unsubscribe();
  });
});

describe('rule 9: of two overlapping runs of one panel, the newer stays', () => {
  test('the run that core forgot to unsubscribe from ends', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const panel = new SceneRunner({
      getDataSource: () => Promise.resolve(datasource),
      queries: [{ refId: 'A', topic: 't' }] as MqttQuery[],
      onData: () => undefined,
    });
    panel.isActive = true;
    await Promise.all([panel.run(lastFiveMinutes()), panel.run(lastFiveMinutes())]);
    expect(datasource.subscribed).toBe(2);
    expect(datasource.active).toBe(1);
    panel.deactivate();
    expect(datasource.active).toBe(0);
  });

  test('two requests of one run, as a time comparison sends them, leave each other alone', async () => {
    await using broker = await startBroker();
    const datasource = new Counted(testDeps({ url: broker.ws!.url, pool: testPool() }));
    const panel = { text: '', value: { valueOf: () => panel } };
    const both = ['A', 'B'].map((refId) =>
      datasource
        .query(request([{ refId, topic: refId }], { requestId: 'SQR7', scopedVars: { __sceneObject: panel } }))
        .subscribe(() => undefined)
    );
    await subscribed(broker, 'A', 'B');
    expect(datasource.active).toBe(2);
    both.forEach((each) => each.unsubscribe());
  });
});
