import { LoadingState, type PanelData, type QueryResultMetaNotice } from '@grafana/data';
import { expect, it } from 'vitest';

import { aFrame, lastFiveMinutes } from '../../grafana/fakes';
import { panelStatus, rowErrors, rowNotices } from './notices';

type Severity = QueryResultMetaNotice['severity'];

/** A frame for each of these queries, with its notices. */
function shown(frames: Array<[refId: string, ...notices: Array<[Severity, string]>]>): PanelData {
  return {
    state: LoadingState.Error,
    timeRange: lastFiveMinutes(),
    errors: [{ refId: 'B', message: 'B failed' }, { message: 'All failed' }],
    series: frames.map(([refId, ...notices]) => ({
      ...aFrame(refId, []),
      meta: { notices: notices.map(([severity, text]) => ({ severity, text })) },
    })),
  };
}

const DATA = shown([
  ['A', ['warning', 'one'], ['error', 'two'], ['warning', 'three']],
  ['B', ['info', 'four'], ['error', 'five'], ['error', 'six'], ['info', 'four']],
]);

it('a panel shows all errors, and of each severity the last notice', () => {
  expect(panelStatus(DATA)).toEqual([
    { severity: 'error', text: 'B failed' },
    { severity: 'error', text: 'All failed' },
    { severity: 'warning', text: 'three' },
    { severity: 'error', text: 'six' },
    { severity: 'info', text: 'four' },
  ]);
  expect(panelStatus(undefined)).toEqual([]);
});

it('a query row shows its own errors, and all warnings and information, but no notice of severity error', () => {
  expect(rowErrors(DATA, 'A')).toEqual([]);
  expect(rowErrors(DATA, 'B')).toEqual(['B failed']);
  expect(rowNotices(DATA, 'A', 'warning')).toEqual(['one', 'three']);
  expect(rowNotices(DATA, 'A', 'info')).toEqual([]);
  expect(rowNotices(DATA, 'B', 'info')).toEqual(['four']);
});
