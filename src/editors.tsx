import { lazyComponent } from './components/lazy-component';
import type * as config from './config';
import type * as signIn from './components/SignInDialog';
import { loadPart } from './connection/load-part';
import type * as editor from './editor';
import type * as help from './editor/QueryEditorHelp';

/**
 * The editors and the dialog for credentials are parts of the plugin, which are loaded when they are first shown: most
 * viewers of dashboards never need them.
 * The build knows the names of their files; in tests, a part is its module.
 */
declare const QUERY_EDITOR_PART: string;
declare const QUERY_HELP_PART: string;
declare const CONFIG_EDITOR_PART: string;
declare const SIGN_IN_PART: string;

const loadEditor = (): Promise<typeof editor> =>
  typeof QUERY_EDITOR_PART === 'undefined' ? import('./editor') : loadPart(QUERY_EDITOR_PART);

const loadHelp = (): Promise<typeof help> =>
  typeof QUERY_HELP_PART === 'undefined' ? import('./editor/QueryEditorHelp') : loadPart(QUERY_HELP_PART);

const loadConfig = (): Promise<typeof config> =>
  typeof CONFIG_EDITOR_PART === 'undefined' ? import('./config') : loadPart(CONFIG_EDITOR_PART);

const loadSignIn = (): Promise<typeof signIn> =>
  typeof SIGN_IN_PART === 'undefined' ? import('./components/SignInDialog') : loadPart(SIGN_IN_PART);

export const QueryEditor = lazyComponent('Query editor', async () => (await loadEditor()).QueryEditor);
export const QueryEditorHelp = lazyComponent('Help', async () => (await loadHelp()).QueryEditorHelp);
export const ConfigEditor = lazyComponent('Settings', async () => (await loadConfig()).ConfigEditor);
export const SignInDialog = lazyComponent('Sign in', async () => (await loadSignIn()).SignInDialog);
