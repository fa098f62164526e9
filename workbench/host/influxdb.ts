import {
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourcePluginMeta,
  PluginType,
} from '@grafana/data';

import type { WorkbenchInfo } from '../info';
import { InfluxDataSource, type InfluxOptions } from '../influxdb/data-source';
import { InfluxQueryEditor } from '../influxdb/query-editor';
import { templateSrv } from './scenes/interpolate';

/** A data source of the workbench next to that of the plugin. */
export interface OtherDataSource {
  readonly settings: DataSourceInstanceSettings;
  readonly instance: DataSourceApi;
}

/** InfluxDB, through the data source proxy of the server. */
export function influxdb({ uid, database }: NonNullable<WorkbenchInfo['influxdb']>): OtherDataSource {
  const settings: DataSourceInstanceSettings<InfluxOptions> = {
    id: 2,
    uid,
    type: 'influxdb',
    name: 'InfluxDB',
    readOnly: true,
    access: 'proxy',
    url: `/api/datasources/proxy/uid/${uid}`,
    jsonData: { dbName: database },
    meta: META,
  };
  const source = new InfluxDataSource(
    settings,
    async (url, signal): Promise<unknown> => {
      const response = await fetch(url, { signal });
      const text = await response.text();
      try {
        return JSON.parse(text);
      } catch {
        return { error: text || response.statusText };
      }
    },
    (text, { scopedVars }) => templateSrv.replace(text, scopedVars)
  );
  const instance = Object.assign(source as unknown as DataSourceApi, {
    components: { QueryEditor: InfluxQueryEditor },
  });
  return { settings, instance };
}

const LOGO = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#22adf6" d="M8 1l6 4v6l-6 4-6-4V5z"/></svg>'
)}`;

const META: DataSourcePluginMeta = {
  id: 'influxdb',
  name: 'InfluxDB',
  type: PluginType.datasource,
  metrics: true,
  module: '',
  baseUrl: '',
  info: {
    author: { name: 'Workbench' },
    description: 'InfluxDB 1.x over its HTTP API',
    links: [],
    logos: { small: LOGO, large: LOGO },
    screenshots: [],
    updated: '',
    version: '',
  },
};
