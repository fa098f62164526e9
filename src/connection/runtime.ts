import type { ConnectionOptions } from '../engine';
import type { ExplorerSpec } from '../engine/explorer-protocol';
import { BrokerVersions } from './broker-versions';
import type { PageServices } from './page-services';
import type { ExplorerClient } from './explorer-client';
import { EarlyEngine } from './early-engine';
import { launchEngine, type LaunchedEngine, launchWorker } from './launch';
import { ConnectionPool } from './pool';
import { ViewerCredentials } from './viewer-credentials';
import { type CspViolation, CspViolations } from './csp-violations';
import { claimTabId, type TabLocks } from './tab-id';
import { pluginFile } from './plugin-file';
import { onWake } from './wake';

/** A hash of `engine.js`, so that the browser's cache cannot combine this module with the engine of another version. */
declare const ENGINE_HASH: string | undefined;

function engineUrl(): string {
  const url = pluginFile('engine.js');
  url.searchParams.set('_cache', typeof ENGINE_HASH === 'string' ? ENGINE_HASH : 'development');
  return url.href;
}

/** The credentials that the viewer of this page has entered; they outlive data source instances. */
export const viewers = new ViewerCredentials(() => window.sessionStorage);

/** The violations of this page's Content-Security-Policy since the plugin was first used. */
export const violations = new CspViolations();

/**
 * The brokers that want MQTT 3.1.1; the key has the plugin's name, because Grafana and other plugins share the storage.
 */
const versions = new BrokerVersions(
  'mqttstream-websocket-datasource:mqtt-3.1.1',
  () => window.localStorage,
  () => Date.now()
);

/** Browsers have them in secure contexts only. */
function tabLocks(): TabLocks | undefined {
  const { locks } = navigator as Partial<Navigator>;
  return locks && { request: (...args) => locks.request(...args) };
}

let tab: Promise<string> | undefined;

function tabId(): Promise<string> {
  tab ??= claimTabId(
    'mqttstream-websocket-datasource:tab',
    () => window.sessionStorage,
    tabLocks(),
    () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`
  );
  return tab;
}

/** The connections of this page; they outlive data source instances. */
export const pool = new ConnectionPool({ launch, now: () => Date.now(), versions, tabId });

/** An explorer, which is to be opened. @param Explorer handed in by the query editor, because nothing else needs it. */
export function createExplorer(
  Explorer: typeof ExplorerClient,
  options: ConnectionOptions,
  spec: ExplorerSpec,
  services: PageServices
): ExplorerClient {
  return new Explorer(options, spec, { launch, now: () => Date.now(), versions }, services);
}

const earlyEngine = new EarlyEngine();

const onViolation = (violation: CspViolation): void => violations.add(violation);

/** Starts the first engine before a query needs it. To be called when `module.js` is evaluated. */
export function startEarly(): void {
  // Without them, this is no page: a test, or Grafana's check of plugins.
  if (typeof Worker !== 'undefined' && typeof document !== 'undefined') {
    listenForViolations();
    earlyEngine.start(() => launchWorker(engineUrl(), onViolation));
  }
}

async function launch(): Promise<LaunchedEngine> {
  const engine = await launchEngine(engineUrl(), onViolation, earlyEngine.take());
  const directive = engine.runsIn === 'page' ? violations.engine()?.directive : undefined;
  return directive === undefined
    ? engine
    : { ...engine, reason: `${directive} of this page's Content-Security-Policy does not allow it` };
}

/** How many query editors are open, by the data source's uid. */
const edited = new Map<string, number>();

/** A query editor of a data source has opened. @returns must be called when the editor closes. */
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

let listening = false;

/** Before the first Worker, so that a policy that blocks it is known. */
function listenForViolations(): void {
  if (!listening) {
    listening = true;
    violations.listen(document);
  }
}

let watching = false;

/** Starts listening to the page's events, once, at the first use. */
export function watchPage(): void {
  if (!watching) {
    watching = true;
    listenForViolations();
    onWake(window, document, () => pool.wake());
    // The browser may end a page without a word once it is hidden. After `pagehide`, Firefox and WebKit give a Worker no
    // time to write; between `beforeunload` and the arrival of the next page they do.
    window.addEventListener('beforeunload', () => pool.flush());
    document.addEventListener('visibilitychange', () => pool.flush());
    window.addEventListener('pagehide', () => pool.flush());
  }
}

export interface PageVisibility {
  hidden(): boolean;
  /** Calls back when the page becomes visible. @returns unsubscribes. */
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
