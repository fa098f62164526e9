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

/**
 * Loads a part of the plugin from its file next to `module.js`.
 *
 * The file is a script, as webpack's chunks of other plugins are, because that works wherever Grafana loads plugins: a
 * script that a trusted script adds is allowed by its Content-Security-Policy, and in its sandbox for plugins, Grafana
 * evaluates such a script in the sandbox and calls `onload` (public/app/features/plugins/sandbox/distortions.ts).
 *
 * @throws {Error} if the file does not come.
 */
export function loadPart<Exports extends object>(file: string): Promise<Exports> {
  const url = pluginFile(file).href;
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    const late = setTimeout(() => reject(new Error(`${url} did not come within ${LOAD_MS / 1_000} s.`)), LOAD_MS);
    script.src = url;
    script.async = true;
    const onEnd = (): void => {
      clearTimeout(late);
      script.remove();
      const link = takeLink(file);
      if (link === undefined) {
        reject(new Error(`The browser did not load ${url}.`));
      } else {
        resolve(link((module) => handed[module] ?? PLUGIN_REQUIRE(module)) as Exports);
      }
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
