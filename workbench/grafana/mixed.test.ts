import { type DataQueryResponse, LoadingState } from '@grafana/data';
import { NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { aFrame, aRequest, Recorded } from './fakes';
import { MixedDataSource, type NamedQueryable } from './mixed';
import { type Queryable, runRequest } from './run-request';

const targets = [
  { refId: 'A', datasource: { uid: 'mqtt' } },
  { refId: 'B', datasource: { uid: 'other' } },
  { refId: 'C', datasource: { uid: '-- Mixed --' } },
];
const response = (refId: string): DataQueryResponse => ({
  key: 'tick',
  data: [aFrame(refId, [1])],
  state: LoadingState.Streaming,
});

function run(query: Queryable['query']) {
  const asked: Array<{ requestId: string; refIds: string[] }> = [];
  const sources = new Map<string, NamedQueryable>([
    [
      'mqtt',
      {
        name: 'MQTT',
        query: (request) => {
          asked.push({ requestId: request.requestId, refIds: request.targets.map(({ refId }) => refId) });
          return query(request);
        },
      },
    ],
    ['other', { name: 'Other', query: () => of(response('B')) }],
  ]);
  const mixed = new MixedDataSource((uid) => {
    const source = sources.get(uid);
    return source ? Promise.resolve(source) : Promise.reject(new Error(uid));
  });
  return { asked, recorded: new Recorded(runRequest(mixed, aRequest(targets))) };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

// MixedDataSource.ts:133-161 (docs/development/grafana-core.md, rule 7).
describe('-- Mixed --', () => {
  it('prefixes the requestId, which is how a data source knows', async () => {
    const { asked } = run(() => of(response('A')));
    await settled();
    expect(asked).toEqual([{ requestId: 'mixed-0-SQR100', refIds: ['A'] }]);
  });

  it('never shows anything while one of the streams goes on', async () => {
    const { recorded } = run(() => NEVER);
    await settled();
    expect(recorded.emissions).toEqual([]);
  });

  it('shows all once all are complete, and is Done', async () => {
    const { recorded } = run(() => of(response('A')));
    await settled();
    expect(recorded.last).toMatchObject({ state: LoadingState.Done, series: [{ refId: 'A' }, { refId: 'B' }] });
    expect(recorded.completed).toBe(true);
  });

  it('names the data source that failed', async () => {
    const { recorded } = run(() => throwError(() => new Error('refused')));
    await settled();
    expect(recorded.last).toMatchObject({ state: LoadingState.Error, error: { message: 'MQTT: refused' } });
  });
});
