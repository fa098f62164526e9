/// <reference types="systemjs" />
import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';
import 'systemjs/dist/extras/named-register.js';

import * as emotionCss from '@emotion/css';
import * as grafanaData from '@grafana/data';
import * as grafanaDataUnstable from '@grafana/data/unstable';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaRuntimeUnstable from '@grafana/runtime/unstable';
import * as grafanaUi from '@grafana/ui';
import * as grafanaUiUnstable from '@grafana/ui/unstable';
import * as React from 'react';
import * as ReactDOM from 'react-dom';
import * as jsxDevRuntime from 'react/jsx-dev-runtime';
import * as jsxRuntime from 'react/jsx-runtime';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';

import type { Plugin } from './plugin';

/**
 * The shared modules of Grafana (sharedDependencies.ts:53-135) that a current data source uses. They are the namespaces
 * that the page itself uses, because there must be only one React.
 */
const SHARED: Readonly<Record<string, System.Module>> = {
  react: React,
  'react-dom': ReactDOM,
  'react/jsx-runtime': jsxRuntime,
  'react/jsx-dev-runtime': jsxDevRuntime,
  rxjs,
  'rxjs/operators': rxjsOperators,
  '@emotion/css': emotionCss,
  '@grafana/data': grafanaData,
  '@grafana/data/unstable': grafanaDataUnstable,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/runtime/unstable': grafanaRuntimeUnstable,
  '@grafana/ui': grafanaUi,
  '@grafana/ui/unstable': grafanaUiUnstable,
};

/** Like `public/app/features/plugins/loader`: shared modules in an import map, module.js by script tag. */
export function prepareLoader(): void {
  const imports: Record<string, string> = {};
  for (const [id, namespace] of Object.entries(SHARED)) {
    imports[id] = `package:${id}`;
    System.set(`package:${id}`, namespace);
  }
  System.addImportMap({ imports });
  // A local, unsigned plugin gets the loading strategy "script" (loadingstrategy.go:24-54), not fetch and eval.
  Object.assign(Reflect.getPrototypeOf(System) ?? {}, {
    shouldFetch: (url: string) => !/^[^#?]+\.js([?#].*)?$/.test(url),
  });
}

/** Imports a plugin's module.js; Grafana appends the version, because browsers keep the file for an hour. */
export async function importPlugin(baseUrl: string, version: string): Promise<Plugin> {
  const module: unknown = await System.import(`${baseUrl}module.js?_cache=${encodeURIComponent(version)}`);
  const plugin: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'plugin') : undefined;
  if (!(plugin instanceof grafanaData.DataSourcePlugin)) {
    // The message of pluginImporter.ts:62-86.
    throw new TypeError('Plugin module is missing DataSourcePlugin or Datasource constructor export');
  }
  return plugin;
}
