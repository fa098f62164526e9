import { lazyComponent } from './components/lazy-component';
import type * as config from './config';
import { loadPart } from './connection/load-part';
import type * as editor from './editor';

/**
 * The editors are parts of the plugin, which are loaded when they are first shown: viewers of dashboards never need them.
 * The build knows the names of their files; in tests, a part is its module.
 */
declare const QUERY_EDITOR_PART: string;
declare const CONFIG_EDITOR_PART: string;

const loadEditor = (): Promise<typeof editor> =>
  typeof QUERY_EDITOR_PART === 'undefined' ? import('./editor') : loadPart(QUERY_EDITOR_PART);

const loadConfig = (): Promise<typeof config> =>
  typeof CONFIG_EDITOR_PART === 'undefined' ? import('./config') : loadPart(CONFIG_EDITOR_PART);

export const QueryEditor = lazyComponent('Query editor', async () => (await loadEditor()).QueryEditor);
export const QueryEditorHelp = lazyComponent('Help', async () => (await loadEditor()).QueryEditorHelp);
export const ConfigEditor = lazyComponent('Settings', async () => (await loadConfig()).ConfigEditor);
