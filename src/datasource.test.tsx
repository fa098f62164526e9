import { CoreApp, type DataSourceInstanceSettings, LoadingState } from '@grafana/data';
import { config, setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createServer } from 'node:http';
import { startBroker, type TestBroker } from '../broker/fixture';
import { listen } from '../broker/transport/ports';
import { proxyUpgrade, type StoredDataSource } from '../workbench/grafana/data-proxy';
import { TemplateInterpolator } from '../workbench/grafana/template-srv';
import { MqttDataSource } from './datasource';
import { Responses } from './testing/responses';
import { subscribed } from './testing/test-pool';
import { request } from './testing/test-request';
import type { MqttOptions, MqttQuery } from './types';

// Files of one worker share their modules, and others have loaded this one
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

vi.mock('./connection/runtime', async (original) => {
  const { testPool } = await import('./testing/test-pool');
  return {
    ...(await original<object>()),
    pool: testPool(),
    pageVisibility: { hidden: () => false, onShown: () => () => undefined },
  };
});

const SOON = { timeout: 10_000, interval: 10 };

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
    using responses = new Responses(dataSource({ url: broker.ws!.url }).query(request([{ topic: 'home/${room}/t' }])));
    await subscribed(broker, 'home/kitchen/t', 'home/bath/t');
    const response = await responses.until(({ data }) => data.length > 0);
    expect(response.state).toBe(LoadingState.Streaming);
  });

  test('looks for units where the settings say that they are announced', async () => {
    await using broker = await startBroker();
    const jsonData = { linger: 0, discovery: 'ha/', homie: 'homie' };
    using responses = new Responses(dataSource({ url: broker.ws!.url, jsonData }).query(request([{ topic: 't' }])));
    await subscribed(broker, 't', 'ha/+/+/config', 'ha/+/+/+/config', 'homie/5/+/$description', 'homie/+/+/+/$unit');
    responses.unsubscribe();
    await expect.poll(() => broker.clients(), { timeout: 10_000 }).toBe(0);
  });

  test('refuses a variable whose value would widen the subscription', async () => {
    templates.setVariables([{ name: 'room', value: '#' }]);
    using responses = new Responses(dataSource().query(request([{ topic: 'home/$room' }])));
    await responses.done();
    expect(responses.last?.errors?.[0]).toMatchObject({ refId: 'A', message: expect.stringContaining('${room:raw}') });
  });

  test('a query of a newer version is said in words, and its neighbours run', async () => {
    await using broker = await startBroker();
    const targets = [{ topic: 't', version: 2 }, { topic: 'u' }];
    using responses = new Responses(dataSource({ url: broker.ws!.url }).query(request(targets)));
    await subscribed(broker, 'u');
    const response = await responses.until(({ data }) => data.length > 0);
    expect(response.state).toBe(LoadingState.Streaming);
    expect(response.data[0].meta?.notices).toContainEqual({
      severity: 'error',
      text: expect.stringMatching(/^A: This query was saved by a newer version of the MQTT Stream plugin/),
    });
  });

  test('fails closed on a public dashboard, with a message and without connecting', async () => {
    await using broker = await startBroker();
    config.publicDashboardAccessToken = 'token';
    using responses = new Responses(
      dataSource({ url: broker.ws!.url }).query(request([{ topic: 't' }, { topic: 'u' }]))
    );
    expect(responses.all).toHaveLength(0);
    await responses.done();
    expect(responses.last?.state).toBe(LoadingState.Error);
    expect(responses.last?.errors?.map(({ refId }) => refId)).toEqual(['A', 'B']);
    expect(responses.last?.error?.message).toMatch(/public dashboards/);
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

  describe('finds out for itself, whatever stands already', () => {
    const good = { status: 'success' };
    const connected = async (broker: TestBroker): Promise<void> => {
      await expect.poll(() => broker.clients(), SOON).toBe(1);
    };

    /** As much of Grafana as a proxied connection needs, at the address of the page. */
    async function behindProxy(): Promise<{ source: { url: string } }> {
      const source: StoredDataSource & { url: string } = { url: '', jsonData: {}, secureJsonData: {} };
      const server = createServer((_request, response) => response.writeHead(502).end());
      const deps = { dataSource: () => source, routes: [], signedIn: () => true };
      server.on('upgrade', (asked, socket, head) => proxyUpgrade(asked, socket, head, deps));
      const port = await listen(server, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
      (window as unknown as Window & { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(
        `http://127.0.0.1:${port}/`
      );
      onTestFinished(() => {
        server.closeAllConnections();
        server.close();
      });
      return { source };
    }

    test.each(['a panel is open', 'a panel lingers'])('where Grafana’s target has changed while %s', async (how) => {
      await using broker = await startBroker();
      const { source } = await behindProxy();
      source.url = broker.ws!.url.replace('ws', 'http');
      const proxied = { access: 'proxy', url: '/api/datasources/proxy/uid/uid', jsonData: { linger: 20 } } as const;
      using responses = new Responses(dataSource(proxied).query(request([{ topic: 't' }])));
      await subscribed(broker, 't');
      if (how === 'a panel lingers') {
        responses.unsubscribe();
      }
      source.url = 'http://127.0.0.1:1';
      expect(await dataSource(proxied).testDatasource()).toMatchObject({ status: 'error' });
      // The open panel, too, is where the settings lead.
      await expect.poll(() => broker.clients(), SOON).toBe(0);
      source.url = broker.ws!.url.replace('ws', 'http');
      expect(await dataSource(proxied).testDatasource()).toMatchObject(good);
      await connected(broker);
    });

    test('where the broker’s password has changed since a panel connected', async () => {
      let right = 'one';
      await using broker = await startBroker({
        authenticate: (_client, _username, password, done) => {
          const ok = password?.toString() === right;
          done(ok ? null : Object.assign(new Error('no'), { returnCode: 4 as const }), ok);
        },
      });
      const shared = { url: broker.ws!.url, jsonData: { linger: 0, username: 'u', password: 'one' } };
      using responses = new Responses(dataSource(shared).query(request([{ topic: 't' }])));
      await subscribed(broker, 't');
      right = 'two';
      expect(await dataSource(shared).testDatasource()).toMatchObject({
        status: 'error',
        message: expect.stringMatching(/user name or password is wrong/),
      });
      // It had to authenticate again, and could not.
      await expect.poll(() => broker.clients(), SOON).toBe(0);
      right = 'one';
      expect(await dataSource(shared).testDatasource()).toMatchObject(good);
      await connected(broker);
      expect(responses.completed).toBe(false);
    });

    test('and leaves nothing behind', async () => {
      await using broker = await startBroker();
      using responses = new Responses(dataSource({ url: broker.ws!.url }).query(request([{ topic: 't' }])));
      await subscribed(broker, 't');
      expect(await dataSource({ url: broker.ws!.url }).testDatasource()).toMatchObject(good);
      await subscribed(broker, 't');
      await connected(broker);
      responses.unsubscribe();
      await expect.poll(() => broker.clients(), SOON).toBe(0);
    });
  });

  test('says why it cannot', async () => {
    // However often: a connection of a test before this one asks too, when it finds its broker gone.
    const unreachable = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'));
    onTestFinished(() => unreachable.mockRestore());
    const verdict = await dataSource().testDatasource();
    expect(verdict).toMatchObject({
      status: 'error',
      message: expect.stringMatching(/^Cannot reach ws:\/\/127\.0\.0\.1:1\/mqtt\. Check/),
    });
  });

  test('asks for a URL where there is none', async () => {
    await expect(dataSource({ url: ' ' }).testDatasource()).resolves.toMatchObject({ status: 'error' });
  });
});

describe('the rest of the contract', () => {
  const query: MqttQuery = { refId: 'A', topic: 'home/$room/t' };

  test('hidden queries, and those that are not written yet, are skipped', () => {
    expect(dataSource().filterQuery(query)).toBe(true);
    expect(dataSource().filterQuery({ ...query, hide: true })).toBe(false);
    for (const topic of ['', ' \n ', undefined]) {
      expect(dataSource().filterQuery({ ...query, topic } as MqttQuery)).toBe(false);
    }
  });

  test('JSON that is no query is run, which names what is wrong, and does not break the page before', () => {
    const wrong = { ...query, topic: 5, fields: [null, 'x'] } as unknown as MqttQuery;
    expect(dataSource().filterQuery(wrong)).toBe(true);
    expect(dataSource().getQueryDisplayText(wrong)).toBe('5');
    expect(dataSource().getQueryDisplayText({ ...wrong, fields: 'x' } as unknown as MqttQuery)).toBe('5');
    expect(dataSource().interpolateVariablesInQueries([wrong], {})).toEqual([wrong]);
  });

  test('a query can be read as one line', () => {
    const text = (over: Partial<MqttQuery>): string => dataSource().getQueryDisplayText({ ...query, ...over });
    expect(text({})).toBe('home/$room/t');
    const fields = [{ path: 'a.b' }, { path: 'c', name: 'Power' }];
    expect(text({ topic: 'a\n b \n', fields, shape: 'table' })).toBe('a, b · a.b, Power · table');
    expect(text({ topic: '' })).toBe('');
  });

  test('interpolates variables for Explore, and leaves a query alone whose variables do not fit', () => {
    templates.setVariables([{ name: 'room', value: ['kitchen', 'bath'], multi: true }]);
    const [explored] = dataSource().interpolateVariablesInQueries([query], {});
    expect(explored.topic).toBe('home/kitchen/t\nhome/bath/t');
    templates.setVariables([{ name: 'room', value: 'a/b' }]);
    expect(dataSource().interpolateVariablesInQueries([query], {})).toEqual([query]);
  });

  test('looks for topics near those that do not exist while one of its editors is open', async () => {
    await using broker = await startBroker();
    const { url } = broker.ws!;
    await broker.publish({ topic: 'home/t', payload: '1', retain: true });
    // Without those of the history protocol: a panel waits for the status of a historian.
    const filters = (): string[] =>
      [...broker.subscriptions().values()].flat().filter((filter) => !filter.startsWith('history/'));
    // The dashboards of Grafana 12 ask so for a panel that is being edited, too.
    const asked = request([{ topic: 'Home/t' }], { app: CoreApp.Dashboard });
    using responses = new Responses(dataSource({ url }).query(asked));
    await responses.until((p) => JSON.stringify(p.data).includes('no message has arrived'));
    expect(filters()).toEqual(['Home/t']);
    const close = dataSource({ url }).openEditor();
    await responses.until((p) => JSON.stringify(p.data).includes('Nearest topics that exist: \\"home/t\\"'));
    close();
  });

  test('a new query saves nothing that is a default', () => {
    expect(dataSource().getDefaultQuery('explore' as never)).toEqual({ topic: '' });
  });
});
