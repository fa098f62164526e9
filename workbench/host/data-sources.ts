import type { DataSourceApi, DataSourceInstanceSettings, DataSourcePluginMeta, DataSourceRef } from '@grafana/data';
import type { DataSourceSrv, GetDataSourceListFilters } from '@grafana/runtime';

import { MIXED_UID, MixedDataSource } from '../grafana/mixed';
import type { OtherDataSource } from './influxdb';
import type { Plugin, Settings } from './plugin';

/** The uid of the plugin's data source. */
export const OWN_UID = 'workbench';

/**
 * The data source service with the plugin's data source, which is the default, and perhaps others. As in Grafana, saving drops every instance without
 * a call of it (datasource_srv.ts:43-44); the next `get` returns a new instance with the saved settings.
 */
export class DataSources implements DataSourceSrv {
  readonly plugin: Plugin;
  readonly meta: DataSourcePluginMeta;
  #settings: Settings;
  #instance: DataSourceApi | undefined;
  #revision = 0;
  readonly #listeners = new Set<() => void>();
  readonly #others: readonly OtherDataSource[];
  readonly #mixed = mixed((uid) => this.get(uid));

  constructor(plugin: Plugin, meta: DataSourcePluginMeta, settings: Settings, others: readonly OtherDataSource[] = []) {
    this.#others = others;
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

  readonly get = (ref?: DataSourceRef | string | null): Promise<DataSourceApi> => {
    if (this.#isDefault(ref)) {
      return Promise.resolve(this.instance());
    }
    if (uidOf(ref) === MIXED_UID) {
      return Promise.resolve(this.#mixed);
    }
    const other = this.#other(ref);
    // The message of datasource_srv.ts.
    return other === undefined
      ? Promise.reject(new Error(`Datasource ${uidOf(ref)} was not found`))
      : Promise.resolve(other.instance);
  };

  #isDefault(ref: DataSourceRef | string | null | undefined): boolean {
    const uid = uidOf(ref);
    return uid === undefined || uid === this.#settings.uid || uid === this.#settings.name;
  }

  #other(ref: DataSourceRef | string | null | undefined): OtherDataSource | undefined {
    return this.#others.find(({ settings: { uid, name } }) => uid === uidOf(ref) || name === uidOf(ref));
  }

  instance(): DataSourceApi {
    if (!this.#instance) {
      const settings = this.#ownSettings();
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
  readonly getInstanceSettings = (ref?: DataSourceRef | string | null): DataSourceInstanceSettings | undefined =>
    this.#isDefault(ref) ? this.#ownSettings() : this.#other(ref)?.settings;

  #ownSettings(): DataSourceInstanceSettings {
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
  }

  readonly getList = ({ filter = () => true }: GetDataSourceListFilters = {}): DataSourceInstanceSettings[] =>
    [this.#ownSettings(), ...this.#others.map(({ settings }) => settings)].filter(filter);

  registerRuntimeDataSource(): void {
    throw new Error('The workbench has no runtime data sources');
  }
}

/** Core registers `-- Mixed --` as a data source like any other; its `meta.mixed` leaves each query its own data source. */
function mixed(getDataSource: (uid: string) => Promise<DataSourceApi>): DataSourceApi {
  const source = Object.assign(new MixedDataSource(getDataSource), {
    uid: MIXED_UID,
    type: 'mixed',
    meta: { id: 'mixed', mixed: true },
    getRef: () => ({ type: 'mixed', uid: MIXED_UID }),
  });
  return source as unknown as DataSourceApi;
}

function uidOf(ref: DataSourceRef | string | null | undefined): string | undefined {
  return typeof ref === 'string' ? ref : ref?.uid;
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
    uid: OWN_UID,
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
