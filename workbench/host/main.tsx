import { initPluginTranslations } from '@grafana/i18n';
import { createRoot } from 'react-dom/client';

import type { WorkbenchInfo } from '../info';
import { App } from './app';
import { DataSources, initialSettings } from './data-sources';
import { HealthMonitor } from './health';
import { influxdb } from './influxdb';
import { importPlugin, prepareLoader } from './loader';
import { readParams } from './params';
import { fetchMeta } from './plugin';
import { provideServices } from './services';
import { StartupError } from './startup-error';
import type { Workbench } from './workbench-context';

async function start(): Promise<Workbench> {
  const params = readParams(location.search);
  const response = await fetch('/workbench.json');
  const info: WorkbenchInfo = await response.json();
  const meta = await fetchMeta(info.pluginId);
  await initPluginTranslations('workbench');
  prepareLoader();
  const plugin = await importPlugin(meta.baseUrl, meta.info.version);
  plugin.meta = meta;
  const { access, jsonData } = params;
  const settings = initialSettings(meta, { url: params.broker ?? info.broker?.ws ?? '', access, jsonData });
  const dataSources = new DataSources(
    plugin,
    meta,
    settings,
    info.influxdb === undefined ? [] : [influxdb(info.influxdb)]
  );
  await dataSources.save(settings);
  provideServices(dataSources);
  return { dataSources, info, params, health: new HealthMonitor() };
}

/** `npm run dev` rebuilds on every change and sends an event. */
function reloadWhenTold(): void {
  new EventSource('/events').addEventListener('reload', () => location.reload());
}

const container = document.getElementById('root');
if (container) {
  const root = createRoot(container);
  reloadWhenTold();
  start().then(
    (workbench) => root.render(<App workbench={workbench} />),
    (error: unknown) => root.render(<StartupError error={error} />)
  );
}
