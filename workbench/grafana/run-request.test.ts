import { type DataQuery, type DataQueryResponse, type DataFrame, LoadingState } from '@grafana/data';
import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { absoluteRange, aFrame, aRequest, Recorded } from './fakes';
import { LOADING_AFTER_MS, type Queryable, runRequest } from './run-request';

const NOW = 1_700_000_000_000;
const names = (data: { series: DataFrame[] }) => data.series.map((frame) => frame.refId);

// Line numbers: public/app/features/query/state/runRequest.ts (docs/development/grafana-core.md, rules 2 to 7).
describe('runRequest', () => {
  let responses: Subject<DataQueryResponse>;
  let source: Queryable;

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    responses = new Subject();
    source = { query: () => responses };
  });
  afterEach(() => vi.useRealTimers());

  const run = (...targets: DataQuery[]) =>
    new Recorded(runRequest(source, aRequest(targets.length > 0 ? targets : [{ refId: 'A' }, { refId: 'B' }])));

  it.each([
    { by: 'key', first: { key: 'k', data: [aFrame('A', [1])] }, second: { key: 'k', data: [aFrame('B', [2])] } },
    { by: 'the first refId', first: { data: [aFrame('A', [1])] }, second: { data: [aFrame('A', [2])] } },
    { by: "'A' when empty", first: { data: [aFrame('A', [1])] }, second: { data: [] } },
  ])('replaces the response of the same key: $by (:49)', ({ first, second }) => {
    const recorded = run();
    responses.next(first);
    responses.next(second);
    expect(recorded.last.series).toEqual(second.data);
  });

  it('concatenates the frames of all keys (:59-78)', () => {
    const recorded = run();
    responses.next({ data: [aFrame('A', [1])] });
    responses.next({ data: [aFrame('B', [2])] });
    responses.next({ data: [aFrame('A', [3])] });
    expect(names(recorded.last)).toEqual(['A', 'B']);
  });

  it('takes the state of the latest response, Done by default (:52)', () => {
    const recorded = run();
    responses.next({ key: 'a', data: [], state: LoadingState.Streaming });
    expect(recorded.last.state).toBe(LoadingState.Streaming);
    responses.next({ key: 'b', data: [] });
    expect(recorded.last.state).toBe(LoadingState.Done);
  });

  it('holds an error until its key is emitted without one; the last response with an error wins (:62-66)', () => {
    const recorded = run();
    responses.next({ key: 'a', data: [], error: { message: 'first' }, errors: [{ refId: 'A', message: 'first' }] });
    responses.next({ key: 'b', data: [], errors: [{ refId: 'B', message: 'second' }], state: LoadingState.Streaming });
    expect(recorded.last).toMatchObject({ state: LoadingState.Error, errors: [{ message: 'second' }] });
    expect(recorded.last.error).toBeUndefined();
    responses.next({ key: 'b', data: [], state: LoadingState.Streaming });
    expect(recorded.last).toMatchObject({ state: LoadingState.Error, error: { message: 'first' } });
    responses.next({ key: 'a', data: [], state: LoadingState.Streaming });
    expect(recorded.last.state).toBe(LoadingState.Streaming);
  });

  it('moves a relative range to now on Streaming, and snaps it back on Done and Error (:102-114)', () => {
    const recorded = run();
    vi.advanceTimersByTime(10_000);
    responses.next({ key: 'a', data: [], state: LoadingState.Streaming });
    expect(recorded.last.timeRange.to.valueOf()).toBe(NOW + 10_000);
    responses.next({ key: 'a', data: [], state: LoadingState.Done });
    expect(recorded.last.timeRange.to.valueOf()).toBe(NOW);
    responses.next({ key: 'a', data: [], state: LoadingState.Streaming, error: { message: 'no' } });
    expect(recorded.last.timeRange.to.valueOf()).toBe(NOW);
  });

  it('never moves an absolute range', () => {
    const range = absoluteRange(NOW - 60_000, NOW);
    const recorded = new Recorded(runRequest(source, aRequest([{ refId: 'A' }], { range })));
    vi.advanceTimersByTime(5000);
    responses.next({ data: [], state: LoadingState.Streaming });
    expect(recorded.last.timeRange).toBe(range);
  });

  it('emits Loading after 200 ms without a response (:185), and not after one', () => {
    const recorded = run();
    vi.advanceTimersByTime(LOADING_AFTER_MS - 1);
    expect(recorded.emissions).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(recorded.last).toMatchObject({ state: LoadingState.Loading, series: [] });

    const prompt = run();
    responses.next({ data: [], state: LoadingState.Streaming });
    vi.advanceTimersByTime(LOADING_AFTER_MS);
    expect(prompt.emissions.map(({ state }) => state)).toEqual([LoadingState.Streaming]);
  });

  it('passes hidden targets to the data source and removes their frames from the response itself (:153-156)', () => {
    const asked: DataQuery[][] = [];
    source = { query: (request) => (asked.push(request.targets), responses) };
    const recorded = run({ refId: 'A', hide: true }, { refId: 'B' });
    const response = { key: 'k', data: [aFrame('A', [1]), aFrame('B', [2])] };
    responses.next(response);
    expect(asked[0].map(({ refId }) => refId)).toEqual(['A', 'B']);
    expect(names(recorded.last)).toEqual(['B']);
    expect(names({ series: response.data })).toEqual(['B']);
  });

  it('calls filterQuery; without a target left the result is empty and Done (:229)', () => {
    const query = vi.fn<Queryable['query']>(() => responses);
    source = { query, filterQuery: ({ refId }) => refId === 'B' };
    run();
    expect(query.mock.calls[0][0].targets).toEqual([{ refId: 'B' }]);

    const none = run({ refId: 'A' });
    expect(none).toMatchObject({ completed: true, last: { state: LoadingState.Done, series: [] } });
    expect(query).toHaveBeenCalledOnce();
  });

  it('merges the default query into empty ones (:208-215)', () => {
    interface Query extends DataQuery {
      topic?: string;
    }
    const query = vi.fn<Queryable<Query>['query']>(() => NEVER);
    const targets: Query[] = [{ refId: 'A' }, { refId: 'B', topic: 'b' }];
    runRequest({ query, getDefaultQuery: () => ({ topic: 'default' }) }, aRequest(targets)).subscribe();
    expect(query.mock.calls[0][0].targets).toEqual([
      { refId: 'A', topic: 'default' },
      { refId: 'B', topic: 'b' },
    ]);
  });

  it('is Done at once without targets', () => {
    expect(new Recorded(runRequest(source, aRequest([]))).last.state).toBe(LoadingState.Done);
  });

  it('turns a thrown error into state Error, and completes (:165-173)', () => {
    const recorded = run();
    responses.next({ data: [aFrame('A', [1])], state: LoadingState.Streaming });
    responses.error(new Error('broker gone'));
    expect(recorded).toMatchObject({ completed: true, error: undefined });
    expect(recorded.last).toMatchObject({ state: LoadingState.Error, error: { message: 'broker gone' } });
    expect(names(recorded.last)).toEqual(['A']);

    source = { query: () => throwError(() => 'text') };
    expect(run().last.error).toEqual({ message: 'text' });
  });

  it('subscribes twice to a data source whose first response is synchronous, and loses that response', () => {
    const subscribed: number[] = [];
    const source$ = (emit: (next: () => void) => void) =>
      new Observable<DataQueryResponse>((subscriber) => {
        subscribed.push(subscribed.length);
        const first = subscribed.length;
        emit(() => subscriber.next({ key: 'k', data: [aFrame('A', [first])], state: LoadingState.Streaming }));
      });

    source = { query: () => source$((next) => next()) };
    const synchronous = run();
    expect(subscribed).toHaveLength(2);
    expect(synchronous.emissions.map((data) => data.series[0].fields[0].values)).toEqual([[2]]);

    subscribed.length = 0;
    source = { query: () => source$((next) => void setTimeout(next)) };
    const deferred = run();
    vi.advanceTimersByTime(0);
    expect(subscribed).toHaveLength(1);
    expect(deferred.emissions.map((data) => data.series[0].fields[0].values)).toEqual([[1]]);
  });

  it('unsubscribes from the data source when the panel does', () => {
    const recorded = run();
    responses.next({ data: [] });
    recorded.unsubscribe();
    expect(responses.observed).toBe(false);
  });

  it('takes promises too', async () => {
    vi.useRealTimers();
    source = { query: () => Promise.resolve({ data: [aFrame('A', [1])] }) };
    const recorded = run();
    await vi.waitFor(() => expect(recorded.completed).toBe(true));
    expect(recorded.last.state).toBe(LoadingState.Done);
    expect(new Recorded(runRequest({ query: () => of({ data: [] }) }, aRequest([{ refId: 'A' }]))).completed).toBe(
      true
    );
  });
});
