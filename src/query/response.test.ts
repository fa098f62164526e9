import { CoreApp, type DataQueryResponse, LoadingState } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import type { ConnectionStatus, StreamStats } from '../engine';
import { SeriesBuilder } from '../payload';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery, QueryDiagnostics } from '../types';
import type { ConnectionClient } from '../connection/client';
import { makeResponse, type Source } from './response';
import { SharedStream } from '../connection/shared-stream';
import { parseQuery } from './parse-query';

const NOW = Date.UTC(2026, 4, 17, 12);
const URL = 'ws://broker:9001/mqtt';
const error = {
  code: 'lost',
  message: `The connection was lost: it is gone. Broker: ${URL}`,
  details: 'code 1006',
} as const;
const connected = {
  state: 'connected',
  since: NOW - 60_000,
  protocolVersion: 5,
  sessionPresent: false,
  connectMs: 1,
} as const;
const lost: ConnectionStatus = { state: 'reconnecting', since: NOW - 5_000, error };
const dead: ConnectionStatus = { state: 'connecting', since: NOW - 5_000, error };

interface Given {
  readonly status: ConnectionStatus;
  readonly queries?: ReadonlyArray<Partial<MqttQuery>>;
  /** The messages of each stream. */
  readonly values?: number;
  readonly app?: CoreApp;
  readonly engine?: ConnectionClient['engine'];
  readonly refused?: SharedStream['refused'];
  readonly stats?: Partial<StreamStats>;
  readonly faults?: Array<{ refId: string; message: string }>;
  readonly snapshot?: boolean;
}

function responseOf(given: Given): DataQueryResponse {
  const { status, queries = [{ topic: 't' }], values = 0, app, engine, refused = [], stats, faults = [] } = given;
  const asked = request([...queries], {
    ...(app === undefined ? undefined : { app }),
    ...(given.snapshot === true ? absolute(0, NOW) : undefined),
  });
  const sources = asked.targets.map((query, i): Source => {
    const target = parseQuery(query, (text) => text);
    const stream = new SharedStream(i, '', target.spec);
    stream.refused = refused;
    stream.stats = { ...stream.stats, messages: values, ...stats };
    const builder = new SeriesBuilder(0, 't', 100);
    for (let n = 0; n < values; n++) {
      builder.add(Date.now() - 1_000 + n, n);
    }
    const chunk = builder.take();
    stream.append({ stream: i, stats: stream.stats, chunks: chunk === undefined ? [] : [chunk] });
    return { query: target, stream };
  });
  const connection = {
    status,
    options: { url: URL },
    engine,
    storage: { state: 'off' },
    arrivals: { byTopic: new Map() },
  } as unknown as ConnectionClient;
  return makeResponse({ request: asked, sources, parseErrors: faults, connection, now: NOW }, LoadingState.Streaming);
}

const noticesOf = ({ data }: DataQueryResponse): unknown[] => data.flatMap(({ meta }) => meta?.notices ?? []);
const reportOf = ({ data }: DataQueryResponse, frame = 0): QueryDiagnostics => data[frame].meta?.custom?.mqtt;

describe("Grafana's query inspector", () => {
  test.each([
    ['connected', connected],
    ['reconnecting', lost],
  ])('shows filters, QoS and the connection (%s), and what has been counted', (state, status) => {
    const queries = [{ topic: 'home/{room}/t\ngarden/t', qos: 1 as const }, { topic: 'u' }];
    const { data } = responseOf({ status, queries, values: 2, stats: { failed: 1, droppedRows: 3 } });
    expect(data.map(({ refId, meta }) => [refId, meta?.executedQueryString])).toEqual([
      ['A', `SUBSCRIBE home/+/t, garden/t\nQoS 1\n${URL} (${state})`],
      ['B', `SUBSCRIBE u\nQoS 0\n${URL} (${state})`],
    ]);
    expect(data[0].meta?.stats).toEqual([
      { displayName: 'Messages', value: 2 },
      { displayName: 'Messages not decoded', value: 1 },
      { displayName: 'Series', value: 1 },
      { displayName: 'Rows stored', value: 2 },
      { displayName: 'Rows dropped', value: 3 },
    ]);
  });
});

test('a response says whether it is live, also while no editor is open', () => {
  const modeOf = (given: Partial<Given>): unknown => reportOf(responseOf({ status: connected, ...given })).mode;
  expect(modeOf({})).toBe('live');
  expect(modeOf({ snapshot: true })).toBe('ended');
});

describe('what a response has to say', () => {
  test('is one notice of a severity on the first frame, the connection’s error before others', () => {
    const response = responseOf({
      status: lost,
      queries: [{ topic: 't' }, { topic: 'u' }],
      values: 2,
      stats: { droppedRows: 3, refusedValues: 1 },
      faults: [{ refId: 'C', message: 'It cannot be read.' }],
    });
    expect(response.data[0].meta?.notices).toEqual([
      {
        severity: 'error',
        text: expect.stringMatching(/^No live data since [\d: -]+\. .* C: It cannot be read\.$/),
      },
      { severity: 'warning', text: expect.stringMatching(/^A, B: Messages have more fields.* A, B: This browser/) },
    ]);
    expect(noticesOf(response)).toHaveLength(2);
    expect(response.state).toBe(LoadingState.Streaming);
  });

  test('has no refusals while there is no connection, because they are of the one before', () => {
    const refused = [{ filter: 'secret', reason: 'so it is' }];
    const queries = [{ topic: 't\nsecret' }];
    const away = responseOf({ status: lost, queries, refused, values: 1 });
    expect(JSON.stringify([noticesOf(away), reportOf(away)])).not.toContain('secret"');
    const back = responseOf({ status: connected, queries, refused, values: 1 });
    expect(noticesOf(back)).toEqual([
      { severity: 'error', text: 'The broker refused the subscription to "secret": so it is.' },
    ]);
    expect(reportOf(back).problems).toEqual(['The broker refused the subscription to "secret": so it is.']);
  });

  test.each([dead, lost])('of a query whose only filter was refused is not said while %o', (status) => {
    const refused = [{ filter: 't', reason: 'so it is' }];
    expect(responseOf({ status: connected, refused }).errors).toEqual([
      { refId: 'A', message: expect.stringContaining('so it is') },
    ]);
    expect(JSON.stringify(responseOf({ status, refused }).errors)).not.toContain('so it is');
  });
});

test('a panel whose time range has ended says that it is not live', () => {
  const notLive = {
    severity: 'info',
    text: expect.stringMatching(
      /^The panel is not live: its time range ended at [\d: -]+\. Choose a time range up to now/
    ),
  };
  expect(noticesOf(responseOf({ status: connected, snapshot: true }))).toContainEqual(notLive);
  expect(noticesOf(responseOf({ status: connected, values: 2 }))).not.toContainEqual(notLive);
});

describe('what the query editor receives about the connection', () => {
  test('is its state, the version that is spoken, and where MQTT runs if it is in the page', () => {
    expect(reportOf(responseOf({ status: connected })).connection).toEqual({
      state: 'connected',
      since: connected.since,
      protocol: '5',
    });
    const engine = { runsIn: 'page', reason: 'a policy' } as const;
    expect(reportOf(responseOf({ status: { ...connected, protocolVersion: 4 }, engine })).connection).toMatchObject({
      protocol: '3.1.1',
      inPage: 'a policy',
    });
  });

  test.each([dead, lost])('is the same sentence as on the panel, with what was seen, while %o', (status) => {
    const response = responseOf({ status, queries: [{ topic: 't' }, { topic: 'u' }] });
    const text = response.error?.message;
    for (const frame of [0, 1]) {
      expect(reportOf(response, frame).connection).toEqual({
        state: status.state,
        since: status.since,
        error: { message: text, details: 'code 1006' },
      });
    }
  });
});

describe('Explore, which shows no notices', () => {
  const app = CoreApp.Explore;

  test.each([0, 2])('has an error while the connection is lost, with %i rows, and none when it is back', (values) => {
    const away = responseOf({ status: lost, values, app });
    expect(away.state).toBe(LoadingState.Error);
    // Without a refId: Explore shows it over all queries, whose editors say it themselves.
    expect(away.error).toEqual({ message: expect.stringMatching(/^No live data since/) });
    expect(away.errors).toEqual([away.error]);
    expect(away.data[0].length).toBe(values);
    const back = responseOf({ status: connected, values, app });
    expect(back).toMatchObject({ state: LoadingState.Streaming });
    expect(back).not.toHaveProperty('errors');
  });

  test('has none with a snapshot of stored rows, where nothing would remove the notice', () => {
    expect(responseOf({ status: lost, values: 2, app, snapshot: true })).not.toHaveProperty('errors');
    expect(responseOf({ status: lost, values: 0, app, snapshot: true }).errors).toHaveLength(1);
  });
});

describe('a dashboard', () => {
  const app = CoreApp.Dashboard;

  test.each([dead, lost])('has an error if there is no row and no connection: %o', (status) => {
    const response = responseOf({ status, app });
    expect(response.state).toBe(LoadingState.Error);
    expect(response.error?.message).toMatch(
      status === dead ? /has tried to connect since [\d: -]+\.$/ : /^No live data/
    );
    expect(response.errors).toEqual([response.error]);
    expect(noticesOf(response)).toEqual([]);
  });

  test('has a notice if there are rows, and nothing of it when the connection is back', () => {
    const response = responseOf({ status: lost, app, values: 1 });
    expect(response).not.toHaveProperty('errors');
    expect(noticesOf(response)).toEqual([{ severity: 'error', text: expect.stringMatching(/^No live data since/) }]);
    expect(responseOf({ status: connected, app })).toMatchObject({ state: LoadingState.Streaming, key: 'mqtt' });
  });
});
