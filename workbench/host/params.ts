export type View = 'all' | 'dashboard' | 'explore' | 'config';
export type ThemeMode = 'light' | 'dark';

/** What the address can preset, for tests, screenshots and links. */
export interface Params {
  theme?: ThemeMode;
  view: View;
  /** Another broker than the workbench's own: `ws://…` or `wss://…`. */
  broker?: string;
  /** How the broker is reached; `broker` is then `http://…`, as the server reaches it. Default: directly. */
  access: 'direct' | 'proxy';
  /** Topic of the first query in Explore. */
  topic?: string;
  /** Topic filters of a dashboard of plain time series panels, one each, in place of the house and the factory. */
  plots: string[];
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
    plots: params.getAll('plot'),
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
