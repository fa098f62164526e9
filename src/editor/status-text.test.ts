import { describe, expect, test } from 'vitest';
import type { ConnectionDiagnostics, QueryCounts, QueryDiagnostics } from '../types';
import { statusText } from './status-text';

const COUNTS: QueryCounts = { rate: 0, topics: 1, series: 1, rows: 1, dropped: 0, paths: [], lists: [] };
const CONNECTED: ConnectionDiagnostics = { state: 'connected', since: 0, protocol: '3.1.1' };

function text(
  connection: ConnectionDiagnostics,
  counts: Partial<QueryCounts> = {},
  over: Partial<QueryDiagnostics> = {}
) {
  return statusText({ connection, counts: { ...COUNTS, ...counts }, messages: 1, failed: 0, ...over }, 1, false);
}

describe('the state', () => {
  const error = { message: 'no' };
  test.each<[string, ConnectionDiagnostics, Partial<QueryDiagnostics>, boolean]>([
    ['Live', CONNECTED, {}, true],
    ['Connecting …', { state: 'connecting', since: 0 }, {}, false],
    ['Not live: no connection', { state: 'connecting', since: 0, error }, {}, false],
    ['Not live: no connection', { state: 'reconnecting', since: 0, error }, {}, false],
    ['Not live: the time range does not end now', CONNECTED, { mode: 'ended' }, false],
    ['Not live: the time range does not end now', { state: 'reconnecting', since: 0, error }, { mode: 'ended' }, false],
    ['Not live: a -- Mixed -- panel shows the rows of its last refresh', CONNECTED, { mode: 'snapshot' }, false],
  ])('%s', (state, connection, over, isLive) => {
    expect(text(connection, {}, over)).toMatchObject({ state, isLive });
  });

  test('of a query that ended before the editor was opened, which counts nothing, is not live', () => {
    const ended = text(CONNECTED, {}, { mode: 'ended', counts: undefined, messages: 5 });
    expect(ended.state).toBe('Not live: the time range does not end now');
    expect(ended.facts).toEqual(['5 messages', 'MQTT 3.1.1']);
  });

  test('of a query that is hidden or has not run', () => {
    expect(statusText(undefined, 0, true).state).toBe('Not live: the query is hidden');
    expect(statusText(undefined, 0, false)).toEqual({ isLive: undefined, state: '', facts: [] });
  });
});

test('a rate that nobody has counted yet is not 0', () => {
  expect(text(CONNECTED, { rate: undefined }).facts).toEqual([
    '1 message',
    '… /s',
    '1 topic',
    '1 row stored',
    'MQTT 3.1.1',
  ]);
});

test('every count has the noun of what it counts, and what is not there is not said', () => {
  expect(text(CONNECTED).facts).toEqual(['1 message', '0 /s', '1 topic', '1 row stored', 'MQTT 3.1.1']);
  const counts = {
    rate: 0.1,
    age: 125_000,
    topics: 1_000,
    series: 2_000,
    rows: 10_000,
    dropped: 3,
    grantedQos: 0,
  } as const;
  expect(text(CONNECTED, counts, { messages: 5_000, failed: 1 }).facts).toEqual([
    '5,000 messages',
    '6 /min',
    'last one 2 min ago',
    '1,000 topics',
    '2,000 series',
    '10,000 rows stored',
    '1 message not decoded',
    '3 rows dropped',
    'QoS 0 granted in place of 1',
    'MQTT 3.1.1',
  ]);
});
