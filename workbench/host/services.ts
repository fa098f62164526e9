import { EventBusSrv, OrgRole, setTimeZoneResolver } from '@grafana/data';
import {
  type BackendSrv,
  type BackendSrvRequest,
  type FetchError,
  type FetchResponse,
  FakeEchoSrv,
  locationService,
  setAppEvents,
  setBackendSrv,
  setCurrentUser,
  setDataSourceSrv,
  setEchoSrv,
  setLocationSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { defer, throwError } from 'rxjs';

import { runRequest } from '../grafana/run-request';
import type { DataSources } from './data-sources';
import { panelPlugin } from './panels/panel-plugins';
import { templateSrv } from './scenes/interpolate';

export const appEvents = new EventBusSrv();

const noBackend = (): Promise<never> => Promise.reject(new Error('The workbench has no Grafana server'));
const backend: BackendSrv = {
  get: noBackend,
  delete: noBackend,
  post: noBackend,
  patch: noBackend,
  put: noBackend,
  request: noBackend,
  datasourceRequest: noBackend,
  fetch: <T>(options: BackendSrvRequest) => defer(() => fetchFromServer<T>(options)),
  chunked: () => throwError(() => new Error('The workbench has no Grafana server')),
};

/** Like core's: throws every response that is not a success, with its status and its data. */
async function fetchFromServer<T>({ url, method = 'GET', headers }: BackendSrvRequest): Promise<FetchResponse<T>> {
  const config = { url, method };
  const response = await fetch(url, { method, headers });
  const data = (await response.text()) as T;
  const { ok, status, statusText } = response;
  if (!ok) {
    // oxlint-disable-next-line no-throw-literal -- so does core
    throw { status, statusText, data, config } satisfies FetchError<T>;
  }
  return { data, status, statusText, ok, config, ...pick(response) };
}

function pick({ headers, redirected, type, url }: Response) {
  return { headers, redirected, type, url, traceId: undefined };
}

/** Sets the services of `@grafana/runtime`; in Grafana, app.ts does this. */
export function provideServices(dataSources: DataSources): void {
  setBackendSrv(backend);
  setEchoSrv(new FakeEchoSrv());
  setLocationSrv({ update: ({ query = {} }) => locationService.partial(query) });
  setAppEvents(appEvents);
  setTimeZoneResolver(() => 'browser');
  setCurrentUser({
    id: 1,
    uid: 'workbench',
    externalUserId: '',
    login: 'workbench',
    name: 'Workbench',
    email: '',
    gravatarUrl: '',
    isSignedIn: true,
    isGrafanaAdmin: true,
    orgId: 1,
    orgCount: 1,
    orgName: 'Workbench',
    orgRole: OrgRole.Admin,
    theme: '',
    timezone: 'browser',
    weekStart: 'browser',
    language: 'en-US',
    permissions: {},
    authenticatedBy: '',
    analytics: { identifier: '' },
  });
  setDataSourceSrv(dataSources);
  setTemplateSrv(templateSrv);
  // Scenes asks core for both: its query runner ends at runRequest, and its panels are plugins.
  setRunRequest(runRequest);
  setPluginImportUtils({
    importPanelPlugin: (id) => Promise.resolve(panelPlugin(id)),
    getPanelPluginFromCache: panelPlugin,
  });
}
