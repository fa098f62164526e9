import { getOrSet } from '../utils/get-or-set';
import { pluginFile } from './plugin-file';

/** `require` of the AMD wrapper that the build adds: the modules that Grafana shares with the plugin. */
declare const PLUGIN_REQUIRE: (module: string) => unknown;
/** The id of the plugin. */
declare const PLUGIN_ID: string;

/** Makes the exports of a part from the modules that it is handed. */
type Link = (require: (module: string) => unknown) => object;

/** Modules that parts are handed, by their paths (esbuild.config.mjs). */
let handed: Readonly<Record<string, object>> = {};

/** Gives parts the modules that have the state of the page, or that compare by identity: a copy of theirs is another. */
export function handOver(modules: Readonly<Record<string, object>>): void {
  handed = modules;
}

/** How long the file of a part may take, in milliseconds. A slow network needs time to load it. */
const LOAD_MS = 30_000;

/** The parts of this page, by their files: two copies of one would not share their state. */
const parts = new Map<string, Promise<object>>();

/**
 * Loads a part of the plugin from its file next to `module.js`, once for the page; if it does not come, the next call
 * tries again.
 *
 * @throws {Error} if the file does not come, or cannot be run.
 */
export function loadPart<Exports extends object>(file: string): Promise<Exports> {
  return getOrSet(parts, file, async () => {
    try {
      return await linkPart(file);
    } catch (error) {
      parts.delete(file);
      throw error;
    }
  }) as Promise<Exports>;
}

async function linkPart(file: string): Promise<object> {
  const url = pluginFile(file).href;
  await runScript(url);
  const link = takeLink(file);
  if (link === undefined) {
    throw new Error(`The browser did not load ${url}.`);
  }
  return link((module) => handed[module] ?? PLUGIN_REQUIRE(module));
}

/**
 * Adds a script to the page, as webpack does with the chunks of other plugins, because that works wherever Grafana loads
 * plugins: a script that a trusted script adds is allowed by its Content-Security-Policy, and in its sandbox for plugins,
 * Grafana evaluates such a script in the sandbox and calls `onload` (public/app/features/plugins/sandbox/distortions.ts).
 * Resolves when the script has run, or could not be loaded.
 */
function runScript(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const late = setTimeout(() => reject(new Error(`${url} did not come within ${LOAD_MS / 1_000} s.`)), LOAD_MS);
    script.src = url;
    script.async = true;
    const onEnd = (): void => {
      clearTimeout(late);
      script.remove();
      resolve();
    };
    script.onload = onEnd;
    script.onerror = onEnd;
    document.head.appendChild(script);
  });
}

/** The script puts its function there under its own name. */
function takeLink(file: string): Link | undefined {
  const parts = (globalThis as Record<string, unknown>)[PLUGIN_ID] as Record<string, Link> | undefined;
  const name = file.replace(/-[^-]*$/, '');
  const link = parts?.[name];
  delete parts?.[name];
  return link;
}
