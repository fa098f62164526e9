import path from 'node:path';

import { packageFolder } from './paths';

export interface Served {
  file: string;
  /** `no-store` for files that are rebuilt while the page is open. */
  cache: 'no-store' | 'max-age=3600';
}

export interface Folders {
  /** Folder of the bundle of the page. */
  host: string;
  /** Folder of the built plugin, as on Grafana's disk. */
  plugin: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export function contentType(file: string): string {
  return CONTENT_TYPES[path.extname(file)] ?? 'application/octet-stream';
}

const ICONS = path.join(packageFolder('@grafana/ui'), 'dist/public/img/icons');
const INTER = path.join(packageFolder('@fontsource-variable/inter'), 'files/inter-latin-wght-normal.woff2');
const MONO = path.join(packageFolder('@fontsource-variable/roboto-mono'), 'files/roboto-mono-latin-wght-normal.woff2');

/** The file for a URL path of Grafana, or undefined; never a file outside the folders. */
export function fileFor(pathname: string, pluginId: string, folders: Folders): Served | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  const plugin = `/public/plugins/${pluginId}/`;
  const icons = '/public/build/img/icons/';
  if (decoded.startsWith(plugin)) {
    return inside(folders.plugin, decoded.slice(plugin.length), 'no-store');
  }
  if (decoded.startsWith(icons)) {
    return inside(ICONS, decoded.slice(icons.length), 'max-age=3600');
  }
  // Grafana requests one file per weight; both typefaces here are variable.
  if (decoded.startsWith('/public/fonts/inter/')) {
    return { file: INTER, cache: 'max-age=3600' };
  }
  if (decoded.startsWith('/public/fonts/roboto/')) {
    return { file: MONO, cache: 'max-age=3600' };
  }
  return inside(folders.host, decoded === '/' ? 'index.html' : decoded.slice(1), 'no-store');
}

function inside(folder: string, relative: string, cache: Served['cache']): Served | undefined {
  const file = path.resolve(folder, relative);
  return !relative.includes('\0') && file.startsWith(path.resolve(folder) + path.sep) ? { file, cache } : undefined;
}
