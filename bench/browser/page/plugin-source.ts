// The built plugin in a page that loads it as Grafana does, with all that Grafana shares with plugins.
import type {
  DataSourceApi,
  DataSourceInstanceSettings,
  DataSourceJsonData,
  DataSourcePluginMeta,
} from '@grafana/data';
import { setTemplateSrv } from '@grafana/runtime';
import { importPlugin, prepareLoader } from '../../../workbench/host/loader';
import { fetchMeta } from '../../../workbench/host/plugin';

/** Sets what the plugin asks Grafana for. The title of the page is the plugin's id. */
export async function preparePlugin(): Promise<DataSourcePluginMeta> {
  setTemplateSrv({
    replace: (text = '') => text,
    getVariables: () => [],
    containsTemplate: () => false,
    updateTimeRange: () => undefined,
  });
  prepareLoader();
  return fetchMeta(document.title);
}

/** Imports the plugin, unless the page has it already, and makes a data source. */
export async function pluginSource(
  meta: DataSourcePluginMeta,
  url: string,
  jsonData: DataSourceJsonData & Readonly<Record<string, unknown>> = {}
): Promise<DataSourceApi> {
  const { DataSourceClass } = await importPlugin(meta.baseUrl, meta.info.version);
  const settings = { uid: 'bench', name: 'bench', type: 'bench', access: 'direct', url, jsonData, meta };
  return new DataSourceClass(settings as unknown as DataSourceInstanceSettings);
}
