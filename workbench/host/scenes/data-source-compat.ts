import type { DataSourceApi, DataSourceInstanceSettings, DataSourceRef, ScopedVars } from '@grafana/data';
import { getDataSourceSrv, type GetDataSourceListFilters } from '@grafana/runtime';

/**
 * In place of `@grafana/plugin-compat/datasources`, which scenes imports: it looks for functions that a newer
 * `@grafana/runtime` has, which webpack permits and esbuild does not. This is what it falls back to (host-build.ts).
 */

type Ref = DataSourceRef | string | null;

export function getDataSourceInstance(ref?: Ref, scopedVars?: ScopedVars): Promise<DataSourceApi> {
  return getDataSourceSrv().get(ref, scopedVars);
}

export function getDataSourceInstanceList(filters: GetDataSourceListFilters): Promise<DataSourceInstanceSettings[]> {
  return Promise.resolve(getDataSourceSrv().getList(filters));
}

export function getDefaultDataSourceInstanceListItem(): Promise<DataSourceInstanceSettings | undefined> {
  return Promise.resolve(getDataSourceSrv().getInstanceSettings());
}
