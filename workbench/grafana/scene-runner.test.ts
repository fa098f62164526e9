import { type DataQueryRequest, type DataQueryResponse, LoadingState, type PanelData } from '@grafana/data';
import { NEVER, type Observable, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { aFrame, lastFiveMinutes } from './fakes';
import { type RunnableDataSource, SceneRunner } from './scene-runner';

/** A data source that records its subscriptions. */
class Watched implements RunnableDataSource {
  readonly requests: DataQueryRequest[] = [];
  readonly streams: Array<Subject<DataQueryResponse>> = [];

  query(request: DataQueryRequest): Observable<DataQueryResponse> {
    const stream = new Subject<DataQueryResponse>();
    this.requests.push(request);
    this.streams.push(stream);
    return stream;
  }

  get observed(): boolean[] {
    return this.streams.map((stream) => stream.observed);
  }
}

function setUp(getDataSource?: () => Promise<RunnableDataSource>) {
  const source = new Watched();
  const shown: PanelData[] = [];
  const runner = new SceneRunner({
    getDataSource: getDataSource ?? (() => Promise.resolve(source)),
    queries: [{ refId: 'A' }],
    onData: (data) => shown.push(data),
  });
  return { source, shown, runner };
}

const streaming = (...values: number[]) => ({ key: 'k', data: [aFrame('A', values)], state: LoadingState.Streaming });

// SceneQueryRunner.ts of @grafana/scenes (docs/development/grafana-core.md, rules 5 and 9).
describe('SceneRunner', () => {
  it('unsubscribes, awaits the data source, then queries (:428-515)', async () => {
    const { source, runner } = setUp();
    await runner.activate(lastFiveMinutes());
    expect(source.observed).toEqual([true]);
    const second = runner.run(lastFiveMinutes());
    expect(source.observed).toEqual([false]);
    await second;
    expect(source.observed).toEqual([false, true]);
  });

  it('gives every run a new requestId and itself behind scopedVars.__sceneObject (:122)', async () => {
    const { source, runner } = setUp();
    await runner.run(lastFiveMinutes());
    await runner.run(lastFiveMinutes());
    const [first, second] = source.requests;
    expect(first.requestId).toMatch(/^SQR\d+$/);
    expect(Number(second.requestId.slice(3))).toBe(Number(first.requestId.slice(3)) + 1);
    const value: unknown = second.scopedVars['__sceneObject']?.value;
    expect(value?.valueOf()).toBe(runner);
  });

  it('passes copies of the queries, and the interval for the width', async () => {
    const { source, runner } = setUp();
    const queries = [{ refId: 'A', keep: { rows: 5 } }];
    runner.setQueries(queries);
    runner.setMaxDataPoints(300);
    await runner.run(lastFiveMinutes());
    expect(source.requests[0]).toMatchObject({ maxDataPoints: 300, intervalMs: 1000, targets: queries });
    expect(source.requests[0].targets[0]).not.toBe(queries[0]);
  });

  it('shows the old frames while the next run is loading, and replaces them with its first response', async () => {
    vi.useFakeTimers();
    try {
      const { source, shown, runner } = setUp();
      await runner.run(lastFiveMinutes());
      source.streams[0].next(streaming(1, 2));
      await runner.run(lastFiveMinutes());
      vi.advanceTimersByTime(200);
      expect(shown.at(-1)).toMatchObject({ state: LoadingState.Loading, series: [{ refId: 'A' }] });
      source.streams[1].next(streaming(3));
      expect(shown.at(-1)?.series[0].fields[0].values).toEqual([3]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('empties the arrays it was given, in place, when it runs again (useClearPreviousData)', async () => {
    const { source, runner } = setUp();
    await runner.run(lastFiveMinutes());
    const response = streaming(1, 2);
    const { values } = response.data[0].fields[0];
    source.streams[0].next(response);
    await runner.run(lastFiveMinutes());
    expect(values).toEqual([]);
  });

  it('orphans the first of two overlapping runs: it goes on feeding the panel and cannot be ended', async () => {
    const { source, shown, runner } = setUp();
    await Promise.all([runner.run(lastFiveMinutes()), runner.run(lastFiveMinutes())]);
    expect(source.observed).toEqual([true, true]);
    source.streams[0].next(streaming(1));
    expect(shown.at(-1)?.series[0].fields[0].values).toEqual([1]);
    runner.deactivate();
    expect(source.observed).toEqual([true, false]);
  });

  it('forgets a deactivation that happens while the data source is awaited', async () => {
    const { source, runner } = setUp();
    const running = runner.activate(lastFiveMinutes());
    runner.deactivate();
    await running;
    expect(runner.isActive).toBe(false);
    expect(source.observed).toEqual([true]);
  });

  it('unsubscribes when deactivated, and queries on return only for another range (:299-353)', async () => {
    const { source, runner } = setUp();
    const range = lastFiveMinutes();
    await runner.activate(range);
    source.streams[0].next({ ...streaming(1), state: LoadingState.Done });
    runner.deactivate();
    expect(source.observed).toEqual([false]);
    await runner.activate(range);
    expect(source.streams).toHaveLength(1);
    runner.deactivate();
    await runner.activate(lastFiveMinutes(Date.now() + 5000));
    expect(source.observed).toEqual([false, true]);
  });

  it('shows a data source that cannot be loaded as an error, and no queries as Done', async () => {
    const { shown, runner } = setUp(() => Promise.reject(new Error('no module.js')));
    await runner.run(lastFiveMinutes());
    expect(shown.at(-1)).toMatchObject({ state: LoadingState.Error, errors: [{ message: 'no module.js' }] });
    runner.setQueries([]);
    await runner.rerun();
    expect(shown.at(-1)).toMatchObject({ state: LoadingState.Done, series: [] });
  });

  it('stops a stream at the green dot and goes on showing its frames', async () => {
    const { source, shown, runner } = setUp();
    await runner.run(lastFiveMinutes());
    source.streams[0].next(streaming(1));
    runner.cancel();
    expect(source.observed).toEqual([false]);
    expect(shown.at(-1)).toMatchObject({ state: LoadingState.Done, series: [{ refId: 'A' }] });
  });

  it('does not end a stream that is silent', async () => {
    const { runner, shown } = setUp(() => Promise.resolve({ query: () => NEVER }));
    await runner.run(lastFiveMinutes());
    runner.deactivate();
    expect(shown).toEqual([]);
  });
});
