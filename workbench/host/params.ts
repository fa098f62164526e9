import type { DataQuery } from '@grafana/data';

import type { PanelChange } from './dashboard/panel-changes';

export type View = 'all' | 'dashboard' | 'explore' | 'config';
export type ThemeMode = 'light' | 'dark';

/** Presets in the address, for tests, screenshots and links. */
export interface Params {
  theme?: ThemeMode;
  view: View;
  /** The URL of another broker than the workbench's: `ws://…` or `wss://…`. */
  broker?: string;
  /** Access mode. With `proxy`, `broker` is the `http://…` URL that the server uses. Default: direct. */
  access: 'direct' | 'proxy';
  /** Topic of the first query in Explore. */
  topic?: string;
  /** All queries in Explore, if it has other ones than `topic` says. */
  queries: DataQuery[];
  /** Topic filters: the dashboard has a time series panel for each, instead of the house and the factory. */
  plots: string[];
  /** A dashboard that the plugin ships: the name of its file in `src/dashboards`, without `.json`. */
  dashboard?: string;
  /** Panels of the dashboard that differ from the others above: changed, added or removed ones. */
  panels: PanelChange[];
  /** Settings of the data source, as JSON: `{"linger":1}`. */
  jsonData: Record<string, unknown>;
}

const VIEWS: readonly string[] = ['all', 'dashboard', 'explore', 'config'] satisfies View[];

export function readParams(search: string): Params {
  const params = new URLSearchParams(search);
  const theme = params.get('theme');
  const view = params.get('view');
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
    view: isView(view) ? view : 'all',
    broker: params.get('broker') ?? undefined,
    access: params.get('access') === 'proxy' ? 'proxy' : 'direct',
    topic: params.get('topic') ?? undefined,
    dashboard: params.get('dashboard') ?? undefined,
    plots: params.getAll('plot'),
    panels: params.getAll('panel').map(readChange),
    queries: params.getAll('query').map(readQuery),
    jsonData: readObject(params.get('jsonData')),
  };
}

function isView(text: string | null): text is View {
  return text !== null && VIEWS.includes(text);
}

function readObject(text: string | null): Record<string, unknown> {
  if (text === null) {
    return {};
  }
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function readChange(text: string): PanelChange {
  const change = readObject(text);
  if (typeof change['id'] !== 'number') {
    throw new TypeError(`panel in the address needs an id: ${text}`);
  }
  return change as unknown as PanelChange;
}

function readQuery(text: string): DataQuery {
  const query = readObject(text);
  if (typeof query['refId'] !== 'string') {
    throw new TypeError(`query in the address needs a refId: ${text}`);
  }
  return query as unknown as DataQuery;
}
