import { createDataFrame, type DataQueryResponse, FieldType, LoadingState } from '@grafana/data';
import { concat, NEVER, of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

import { aFrame, aRequest } from './fakes';
import { runVariableQuery } from './variables';

const request = () => aRequest([{ refId: 'A' }]);
const rooms = createDataFrame({
  fields: [
    { name: 'n', type: FieldType.number, values: [1, 2] },
    { name: 'room', type: FieldType.string, values: ['kitchen', 'bedroom'] },
  ],
});
const answers = (...responses: DataQueryResponse[]) => ({ query: () => concat(of(...responses), NEVER) });
const response = (state: LoadingState, data: DataQueryResponse['data'] = [rooms]) => ({ key: 'k', data, state });

// QueryVariable.tsx:98-105 of @grafana/scenes (docs/development/grafana-core.md, rule 7).
describe('runVariableQuery', () => {
  it('takes the first response in state Done of an endless stream', async () => {
    const source = answers(response(LoadingState.Streaming, []), response(LoadingState.Done));
    await expect(runVariableQuery(source, request())).resolves.toEqual([
      { text: 'kitchen', value: 'kitchen' },
      { text: 'bedroom', value: 'bedroom' },
    ]);
  });

  it('never resolves for a data source that only streams', async () => {
    const source = answers(response(LoadingState.Streaming));
    const late = new Promise((resolve) => setTimeout(() => resolve('still waiting'), 20));
    await expect(Promise.race([runVariableQuery(source, request()), late])).resolves.toBe('still waiting');
  });

  it('fails with the message of an Error response', async () => {
    const source = answers({ ...response(LoadingState.Error), errors: [{ refId: 'A', message: 'bad filter' }] });
    await expect(runVariableQuery(source, request())).rejects.toThrow('bad filter');
  });

  it('prefers fields named text and value', async () => {
    const frame = createDataFrame({
      fields: [
        { name: 'text', type: FieldType.string, values: ['Kitchen'] },
        { name: 'value', type: FieldType.string, values: ['home/kitchen'] },
      ],
    });
    const source = answers(response(LoadingState.Done, [frame]));
    await expect(runVariableQuery(source, request())).resolves.toEqual([{ text: 'Kitchen', value: 'home/kitchen' }]);
  });

  it('needs a text field', async () => {
    // The only field is called 'value', so it is both text and value.
    const named = answers(response(LoadingState.Done, [aFrame('A', [1])]));
    await expect(runVariableQuery(named, request())).resolves.toEqual([{ text: '1', value: '1' }]);
    const unnamed = answers(response(LoadingState.Done, [aFrame('A', [1], 'n')]));
    await expect(runVariableQuery(unnamed, request())).rejects.toThrow(/field of type string/);
  });

  it('ignores metricFindQuery as soon as there is variable support', async () => {
    const { query } = answers(response(LoadingState.Done));
    const metricFindQuery = vi.fn<() => Promise<Array<{ text: string }>>>(() => Promise.resolve([{ text: 'legacy' }]));
    await expect(runVariableQuery({ query, metricFindQuery }, request())).resolves.toEqual([{ text: 'legacy' }]);
    await runVariableQuery({ query, metricFindQuery, variables: { query } }, request());
    expect(metricFindQuery).toHaveBeenCalledOnce();
  });
});
