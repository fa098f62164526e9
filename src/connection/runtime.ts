import { BrokerVersions } from './broker-versions';
import { launchEngine, type LaunchedEngine } from './launch';
import { ConnectionPool } from './pool';
import { ViewerCredentials } from './viewer-credentials';
import { CspViolations } from './csp-violations';
import { onWake } from './wake';

/** Where this plugin's `module.js` was loaded from: `module.uri` of the AMD wrapper that the build puts around it. */
declare const PLUGIN_MODULE_URI: string | undefined;
/** A hash of `engine.js`, so that a browser's cache cannot pair this module with the engine of another version. */
declare const ENGINE_HASH: string | undefined;

function engineUrl(): string {
  const moduleUri = typeof PLUGIN_MODULE_URI === 'string' ? PLUGIN_MODULE_URI : 'module.js';
  const url = new URL('engine.js', new URL(moduleUri, document.baseURI));
  url.searchParams.set('_cache', typeof ENGINE_HASH === 'string' ? ENGINE_HASH : 'development');
  return url.href;
}

/** What the viewer of this page has entered, whichever data source instances come and go. */
export const viewers = new ViewerCredentials(() => window.sessionStorage);

/** What the policy of this page has blocked since the plugin was first used. */
export const violations = new CspViolations();

/** What this tab knows of the brokers that it has met; the name is this plugin's, because others share the storage. */
const versions = new BrokerVersions('mqttstream-websocket-datasource:mqtt-3.1.1', () => window.sessionStorage);

/** The connections of this page, whichever data source instances come and go. */
export const pool = new ConnectionPool({ launch, now: () => Date.now(), versions });

async function launch(): Promise<LaunchedEngine> {
  const engine = await launchEngine(engineUrl(), (violation) => violations.add(violation));
  const directive = engine.runsIn === 'page' ? violations.engine()?.directive : undefined;
  return directive === undefined
    ? engine
    : { ...engine, reason: `${directive} of this page's Content-Security-Policy does not allow it` };
}

/** Data sources, by uid, whose query editor is open, and how many of them. */
const edited = new Map<string, number>();

/** A query editor of a data source has opened. @returns what is to be called when it closes. */
export function openEditor(uid: string): () => void {
  edited.set(uid, (edited.get(uid) ?? 0) + 1);
  let open = true;
  return () => {
    if (open) {
      open = false;
      edited.set(uid, (edited.get(uid) ?? 1) - 1);
    }
  };
}

/** Whether a query editor of a data source is open. */
export function isEdited(uid: string): boolean {
  return (edited.get(uid) ?? 0) > 0;
}

let watching = false;

/** Begins to listen to the page, at the first use and once. */
export function watchPage(): void {
  if (!watching) {
    watching = true;
    violations.listen(document);
    onWake(window, document, () => pool.wake());
  }
}

export interface PageVisibility {
  hidden(): boolean;
  /** @returns what ends the calls. */
  onShown(listener: () => void): () => void;
}

export const pageVisibility: PageVisibility = {
  hidden: () => document.hidden,
  onShown(listener) {
    const onChange = (): void => {
      if (!document.hidden) {
        listener();
      }
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  },
};
