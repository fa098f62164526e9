import { LoadingState, type PanelData, rangeUtil } from '@grafana/data';
import { expect, test } from 'vitest';
import { diagnosticsOf } from './diagnostics-of';

test('the diagnostics are those of the query, not of its neighbour', () => {
  const frame = (refId: string, custom: object) => ({ refId, fields: [], length: 0, meta: { custom } });
  const data: PanelData = {
    state: LoadingState.Streaming,
    timeRange: rangeUtil.convertRawToRange({ from: 'now-5m', to: 'now' }),
    series: [frame('A', {}), frame('B', { mqtt: { messages: 1, failed: 0 } })],
  };
  expect(diagnosticsOf(data, 'B')).toEqual({ messages: 1, failed: 0 });
  expect(diagnosticsOf(data, 'A')).toBeUndefined();
  expect(diagnosticsOf(undefined, 'A')).toBeUndefined();
});
