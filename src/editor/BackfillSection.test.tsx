import { type DataQuery, type DataSourceApi, type DataSourceInstanceSettings, PluginType } from '@grafana/data';
import { type DataSourceSrv, setDataSourceSrv } from '@grafana/runtime';
import { render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { MqttQuery } from '../types';
import { BackfillSection } from './BackfillSection';

interface OtherQuery extends DataQuery {
  text?: string;
}

/** A data source with a query editor of one field. */
function source(uid: string, type: string): { settings: DataSourceInstanceSettings; api: DataSourceApi } {
  const info = { logos: { small: '', large: '' } };
  const meta = { id: type, name: type, type: PluginType.datasource, info } as DataSourceInstanceSettings['meta'];
  const settings = { uid, type, name: uid, meta, jsonData: {} } as DataSourceInstanceSettings;
  const api = {
    uid,
    name: uid,
    getDefaultQuery: () => ({ text: `default of ${type}` }),
    components: {
      QueryEditor: ({
        query,
        onChange,
        onRunQuery,
      }: {
        query: OtherQuery;
        onChange: (query: OtherQuery) => void;
        onRunQuery: () => void;
      }) => (
        <input
          aria-label={`Text of ${uid}`}
          value={query.text ?? ''}
          onChange={(event) => onChange({ ...query, text: event.currentTarget.value })}
          onBlur={onRunQuery}
        />
      ),
    },
  } as unknown as DataSourceApi;
  return { settings, api };
}

const SOURCES = [
  source('mqtt', 'mqttstream-websocket-datasource'),
  source('influx 1', 'influxdb'),
  source('influx 2', 'influxdb'),
  source('loki', 'loki'),
];

beforeEach(() => {
  const find = (ref: unknown) =>
    SOURCES.find(
      ({ settings: { uid } }) => uid === (typeof ref === 'string' ? ref : (ref as { uid?: string } | null)?.uid)
    );
  setDataSourceSrv({
    get: (ref: unknown) => {
      const found = find(ref);
      return found === undefined
        ? Promise.reject(new Error('Datasource gone was not found'))
        : Promise.resolve(found.api);
    },
    getInstanceSettings: (ref: unknown) => find(ref)?.settings,
    getList: ({ filter }: { filter: (settings: DataSourceInstanceSettings) => boolean }) =>
      SOURCES.map(({ settings }) => settings).filter(filter),
  } as unknown as DataSourceSrv);
});

async function setUp(saved: Partial<MqttQuery> = {}) {
  const onChange = vi.fn<(query: MqttQuery) => void>();
  const onRunQuery = vi.fn<() => void>();
  function Host(): React.JSX.Element {
    const [query, setQuery] = useState<MqttQuery>({ refId: 'A', topic: 't', ...saved });
    return (
      <BackfillSection
        id="backfill"
        query={query}
        app={undefined}
        range={undefined}
        onChange={(next) => {
          onChange(next);
          setQuery(next);
        }}
        onRunQuery={onRunQuery}
      />
    );
  }
  const user = userEvent.setup();
  render(<Host />);
  await user.click(screen.getByRole('button', { name: /^Backfill/ }));
  const picker = await screen.findByRole('combobox');
  const choose = async (name: string): Promise<void> => {
    await user.click(picker);
    await user.click(await screen.findByText(name));
  };
  return { user, onChange, onRunQuery, choose, picker, last: () => onChange.mock.lastCall?.[0] };
}

describe('backfill', () => {
  test('names the data source in its folded header', () => {
    const backfill = { datasource: { uid: 'influx 1', type: 'influxdb' }, query: { refId: 'A' } };
    const props = { id: 'b', app: undefined, range: undefined, onChange: vi.fn(), onRunQuery: vi.fn() };
    const { rerender } = render(<BackfillSection {...props} query={{ refId: 'A', topic: 't' }} />);
    expect(document.body.textContent).toBe('BackfillNone');
    rerender(<BackfillSection {...props} query={{ refId: 'A', topic: 't', backfill }} />);
    expect(document.body.textContent).toBe('Backfillinflux 1');
  });

  test('offers other data sources, and saves the default query of the chosen one', async () => {
    const { user, choose, last, onRunQuery, picker } = await setUp();
    await user.click(picker);
    expect(await screen.findByText('loki')).toBeDefined();
    expect(screen.queryByText('mqtt')).toBeNull();
    await user.keyboard('{Escape}');
    await choose('influx 1');
    const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Text of influx 1' });
    expect(field.value).toBe('default of influxdb');
    const datasource = { uid: 'influx 1', type: 'influxdb' };
    expect(last()?.backfill).toEqual({ datasource, query: { refId: 'A', text: 'default of influxdb' } });
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  test('saves each key in the editor of the data source, and runs when it is left', async () => {
    const backfill = {
      datasource: { uid: 'influx 1', type: 'influxdb' },
      query: { refId: 'A', text: 'a' } as OtherQuery,
    };
    const { user, last, onRunQuery } = await setUp({ backfill });
    const group = await screen.findByRole('group', { name: 'Query of influx 1' });
    await user.type(within(group).getByRole('textbox'), 'b');
    expect(last()).toEqual({ refId: 'A', topic: 't', backfill: { ...backfill, query: { refId: 'A', text: 'ab' } } });
    expect(onRunQuery).not.toHaveBeenCalled();
    await user.tab();
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  test('keeps the query for a data source of the same type, and not for another; clearing removes it', async () => {
    const backfill = {
      datasource: { uid: 'influx 1', type: 'influxdb' },
      query: { refId: 'A', text: 'a' } as OtherQuery,
    };
    const { user, last, choose } = await setUp({ backfill });
    await choose('influx 2');
    await screen.findByRole('textbox', { name: 'Text of influx 2' });
    expect(last()?.backfill?.query).toEqual({ refId: 'A', text: 'a' });
    await choose('loki');
    await screen.findByRole('textbox', { name: 'Text of loki' });
    expect(last()?.backfill?.query).toEqual({ refId: 'A', text: 'default of loki' });
    // Before Grafana 13, the picker looks up the data source first.
    await user.click(await screen.findByLabelText('Clear value', {}, { timeout: 20_000 }));
    expect(last()).toEqual({ refId: 'A', topic: 't' });
  });

  test('says why the data source cannot be loaded', async () => {
    await setUp({ backfill: { datasource: { uid: 'gone', type: 'influxdb' }, query: { refId: 'A' } } });
    expect((await screen.findByRole('alert')).textContent).toContain('Datasource gone was not found');
  });
});
