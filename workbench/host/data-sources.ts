import type { DataSourceApi, DataSourceInstanceSettings, DataSourcePluginMeta } from '@grafana/data';
import type { DataSourceSrv } from '@grafana/runtime';

import type { Plugin, Settings } from './plugin';

/**
 * The data source service with the one data source of the workbench. As in Grafana, saving drops every instance without
 * a call of it (datasource_srv.ts:43-44); the next `get` returns a new instance with the saved settings.
 */
export class DataSources implements DataSourceSrv {
  readonly plugin: Plugin;
  readonly meta: DataSourcePluginMeta;
  #settings: Settings;
  #instance: DataSourceApi | undefined;
  #revision = 0;
  readonly #listeners = new Set<() => void>();

  constructor(plugin: Plugin, meta: DataSourcePluginMeta, settings: Settings) {
    this.plugin = plugin;
    this.meta = meta;
    this.#settings = settings;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Number of saves. */
  readonly revision = (): number => this.#revision;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): Promise<DataSourceApi> => Promise.resolve(this.instance());

  instance(): DataSourceApi {
    if (!this.#instance) {
      const settings = this.getInstanceSettings();
      const instance = new this.plugin.DataSourceClass(settings);
      instance.components = this.plugin.components;
      instance.meta = settings.meta;
      this.#instance = instance;
    }
    return this.#instance;
  }

  /** Saves on the server as well, where the proxy reads the secrets that the browser does not get. */
  async save(settings: Settings): Promise<void> {
    await putSettings(settings);
    this.#settings = stored(settings);
    await this.reload();
  }

  reload(): Promise<void> {
    this.#instance = undefined;
    this.#revision++;
    this.#listeners.forEach((listener) => listener());
    return Promise.resolve();
  }

  /** The settings in the browser: the URL for access mode direct, else the path of the proxy; no secrets. */
  readonly getInstanceSettings = (): DataSourceInstanceSettings => {
    const { id, uid, type, name, readOnly, url, jsonData, user, isDefault, withCredentials } = this.#settings;
    const direct = this.#settings.access === 'direct';
    return {
      id,
      uid,
      type,
      name,
      readOnly,
      jsonData,
      isDefault,
      withCredentials,
      username: user,
      access: direct ? 'direct' : 'proxy',
      url: direct ? url : `/api/datasources/proxy/uid/${uid}`,
      meta: this.meta,
    };
  };

  readonly getList = (): DataSourceInstanceSettings[] => [this.getInstanceSettings()];

  registerRuntimeDataSource(): void {
    throw new Error('The workbench has no runtime data sources');
  }
}

async function putSettings(settings: Settings): Promise<void> {
  const { uid, url, basicAuth, basicAuthUser, jsonData, secureJsonData } = settings;
  const response = await fetch(`/api/datasources/uid/${encodeURIComponent(uid)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uid, url, basicAuth, basicAuthUser, jsonData, secureJsonData }),
  });
  if (!response.ok) {
    throw new Error(`The workbench did not save the settings: ${await response.text()}`);
  }
}

/** Secrets stay on the server; the form learns only which ones are set. */
function stored(settings: Settings): Settings {
  const secrets = Object.entries(settings.secureJsonData ?? {}).filter(([, value]) => value !== '');
  return {
    ...settings,
    secureJsonData: {},
    secureJsonFields: { ...settings.secureJsonFields, ...Object.fromEntries(secrets.map(([key]) => [key, true])) },
  };
}

export function initialSettings(
  meta: DataSourcePluginMeta,
  { url, access, jsonData }: Pick<Settings, 'url' | 'access'> & { jsonData: Record<string, unknown> }
): Settings {
  return {
    id: 1,
    uid: 'workbench',
    orgId: 1,
    name: meta.name,
    type: meta.id,
    typeName: meta.name,
    typeLogoUrl: `${meta.baseUrl}${meta.info.logos.small}`,
    access,
    url,
    user: '',
    database: '',
    basicAuth: false,
    basicAuthUser: '',
    isDefault: true,
    jsonData,
    secureJsonData: {},
    secureJsonFields: {},
    readOnly: false,
    withCredentials: false,
  };
}
