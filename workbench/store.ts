import type { StoredDataSource } from './grafana/data-proxy';

interface Saved extends StoredDataSource {
  readonly uid: string;
}

/** The data sources of the server; in Grafana, its database. */
export class DataSourceStore {
  readonly #sources = new Map<string, StoredDataSource>();

  get(uid: string): StoredDataSource | undefined {
    return this.#sources.get(uid);
  }

  /** Saves a data source. A missing secret stays as it was. @throws {TypeError} if the value is not a data source. */
  put(value: unknown): void {
    const { uid, url, basicAuth, basicAuthUser, jsonData, secureJsonData } = Object(value) as Partial<Saved>;
    if (typeof uid !== 'string' || typeof url !== 'string') {
      throw new TypeError('A data source has a uid and a url');
    }
    const before = this.#sources.get(uid)?.secureJsonData;
    this.#sources.set(uid, {
      url,
      basicAuth,
      basicAuthUser,
      jsonData: jsonData ?? {},
      secureJsonData: { ...before, ...secureJsonData },
    });
  }
}
