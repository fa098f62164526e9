import { type DataSourceInstanceSettings, LoadingState } from '@grafana/data';
import { config, setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startBroker } from '../broker/fixture';
import { TemplateInterpolator } from '../workbench/grafana/template-srv';
import { MqttDataSource } from './datasource';
import { Packets, request, subscribed } from './testing/live';
import type { MqttOptions, MqttQuery } from './types';

vi.mock('./live/page', async (original) => {
  const { testPool } = await import('./testing/live');
  return {
    ...(await original<object>()),
    pool: testPool(),
    pageVisibility: { hidden: () => false, onShown: () => () => undefined },
  };
});

const templates = new TemplateInterpolator();

beforeEach(() => setTemplateSrv(templates as unknown as TemplateSrv));

function dataSource(over: Partial<DataSourceInstanceSettings<MqttOptions>> = {}): MqttDataSource {
  return new MqttDataSource({
    id: 1,
    uid: 'uid',
    type: 'mqttstream-websocket-datasource',
    name: 'House',
    url: 'ws://127.0.0.1:1/mqtt',
    access: 'direct',
    readOnly: false,
    jsonData: { linger: 0 },
    meta: {} as DataSourceInstanceSettings['meta'],
    ...over,
  });
}

describe('query', () => {
  afterEach(() => {
    config.publicDashboardAccessToken = undefined;
  });

  test('subscribes to each value of a multi-value variable', async () => {
    await using broker = await startBroker();
    templates.setVariables([{ name: 'room', value: ['kitchen', 'bath'], multi: true }]);
    using packets = new Packets(dataSource({ url: broker.ws!.url }).query(request([{ topic: 'home/${room}/t' }])));
    await subscribed(broker, 'home/kitchen/t', 'home/bath/t');
    const packet = await packets.until(({ data }) => data.length > 0);
    expect(packet.state).toBe(LoadingState.Streaming);
  });

  test('looks for units where the settings say that they are announced', async () => {
    await using broker = await startBroker();
    const jsonData = { linger: 0, discovery: 'ha/' };
    using packets = new Packets(dataSource({ url: broker.ws!.url, jsonData }).query(request([{ topic: 't' }])));
    await subscribed(broker, 't', 'ha/+/+/config', 'ha/+/+/+/config');
    packets.unsubscribe();
    await expect.poll(() => broker.clients(), { timeout: 10_000 }).toBe(0);
  });

  test('refuses a variable whose value would widen the subscription', async () => {
    templates.setVariables([{ name: 'room', value: '#' }]);
    using packets = new Packets(dataSource().query(request([{ topic: 'home/$room' }])));
    await packets.done();
    expect(packets.last?.errors?.[0]).toMatchObject({ refId: 'A', message: expect.stringContaining('${room:raw}') });
  });

  test('fails closed on a public dashboard, with a message and without connecting', async () => {
    await using broker = await startBroker();
    config.publicDashboardAccessToken = 'token';
    using packets = new Packets(dataSource({ url: broker.ws!.url }).query(request([{ topic: 't' }, { topic: 'u' }])));
    expect(packets.all).toHaveLength(0);
    await packets.done();
    expect(packets.last?.state).toBe(LoadingState.Error);
    expect(packets.last?.errors?.map(({ refId }) => refId)).toEqual(['A', 'B']);
    expect(packets.last?.error?.message).toMatch(/public dashboards/);
    expect(broker.clients()).toBe(0);
  });

  test('without a broker URL says where to enter one', async () => {
    const answer = await lastValueFrom(dataSource({ url: '' }).query(request([{ topic: 't' }])));
    expect(answer.errors?.[0]).toMatchObject({
      refId: 'A',
      message: expect.stringMatching(/"House" has no broker URL/),
    });
  });
});

describe('testDatasource', () => {
  test('connects for real', async () => {
    await using broker = await startBroker();
    const verdict = await dataSource({ url: broker.ws!.url }).testDatasource();
    expect(verdict).toMatchObject({ status: 'success', message: expect.stringContaining(broker.ws!.url) });
    await expect.poll(() => broker.clients(), { timeout: 5_000 }).toBe(0);
  });

  test('says why it cannot', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('Failed to fetch'));
    const verdict = await dataSource().testDatasource();
    expect(verdict).toMatchObject({ status: 'error', message: expect.stringMatching(/^Cannot reach a broker at ws:/) });
  });

  test('asks for a URL where there is none', async () => {
    await expect(dataSource({ url: ' ' }).testDatasource()).resolves.toMatchObject({ status: 'error' });
  });
});

describe('the rest of the contract', () => {
  const query: MqttQuery = { refId: 'A', topic: 'home/$room/t' };

  test('hidden queries are filtered out, and those without a topic are not: they get a message', () => {
    expect(dataSource().filterQuery({ ...query, hide: true })).toBe(false);
    expect(dataSource().filterQuery({ ...query, topic: '' })).toBe(true);
  });

  test('interpolates variables for Explore, and leaves a query alone whose variables do not fit', () => {
    templates.setVariables([{ name: 'room', value: ['kitchen', 'bath'], multi: true }]);
    const [explored] = dataSource().interpolateVariablesInQueries([query], {});
    expect(explored.topic).toBe('home/kitchen/t\nhome/bath/t');
    templates.setVariables([{ name: 'room', value: 'a/b' }]);
    expect(dataSource().interpolateVariablesInQueries([query], {})).toEqual([query]);
  });

  test('a new query saves nothing that is a default', () => {
    expect(dataSource().getDefaultQuery('explore' as never)).toEqual({ topic: '' });
  });
});
