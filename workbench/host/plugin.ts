import type {
  DataQuery,
  DataSourceApi,
  DataSourceJsonData,
  DataSourcePlugin,
  DataSourcePluginMeta,
  DataSourceSettings,
} from '@grafana/data';

/** The workbench uses only what Grafana uses of a plugin. */
export type Plugin = DataSourcePlugin<DataSourceApi, DataQuery, DataSourceJsonData>;
export type Settings = DataSourceSettings<DataSourceJsonData, Record<string, unknown>>;

export async function fetchMeta(pluginId: string): Promise<DataSourcePluginMeta> {
  const baseUrl = `/public/plugins/${pluginId}/`;
  const response = await fetch(`${baseUrl}plugin.json`);
  if (!response.ok) {
    throw new Error(`dist/plugin.json is not there (${response.status}). Has the plugin been built?`);
  }
  const json: DataSourcePluginMeta = await response.json();
  return { ...json, module: `${baseUrl}module.js`, baseUrl };
}
