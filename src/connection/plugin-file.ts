/** The URL of this plugin's `module.js`: `module.uri` of the AMD wrapper that the build adds. */
declare const PLUGIN_MODULE_URI: string | undefined;

/** The URL of a file that lies next to this plugin's `module.js`. Grafana may have loaded it from another host. */
export function pluginFile(name: string): URL {
  const moduleUri = typeof PLUGIN_MODULE_URI === 'string' ? PLUGIN_MODULE_URI : 'module.js';
  return new URL(name, new URL(moduleUri, document.baseURI));
}
