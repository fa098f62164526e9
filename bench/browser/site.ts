import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildPlugin } from '../../esbuild.config.mjs';
import { ROOT } from '../paths';

const HTML = '<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="/page.js"></script>';

export interface Site extends AsyncDisposable {
  readonly url: string;
  /** Folder with the build of the plugin. */
  readonly plugin: string;
}

/** A part of the engine, next to it. */
const PART = /^\/[a-z]+-[A-Z0-9]+\.js$/;

/** Builds the plugin and the page of the suite into a folder, and serves both on a free port. */
export async function serveSite(folder: string): Promise<Site> {
  const [plugin, page] = ['plugin', 'page.js'].map((name) => join(folder, name));
  await Promise.all([buildPlugin({ outdir: plugin, production: true }), buildPage(ROOT, page)]);
  return serve(plugin, page);
}

/** Serves the build of another checkout, with the page of its own suite. */
export async function serveOther(folder: string, checkout: string): Promise<Site> {
  const page = join(folder, 'other-page.js');
  await buildPage(checkout, page);
  return serve(join(checkout, 'dist'), page);
}

async function serve(plugin: string, page: string): Promise<Site> {
  const files: Record<string, string> = {
    '/page.js': page,
    '/engine.js': join(plugin, 'engine.js'),
    '/mqtt.esm.js': createRequire(import.meta.url).resolve('mqtt/dist/mqtt.esm'),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://bench');
    const file = files[pathname] ?? (PART.test(pathname) ? join(plugin, pathname) : undefined);
    if (file === undefined) {
      response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' });
      response.end(request.url === '/' ? HTML : '');
      return;
    }
    readFile(file).then(
      (content) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(content),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined)
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, plugin, [Symbol.asyncDispose]: () => close(server) };
}

async function buildPage(checkout: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: checkout,
    entryPoints: ['bench/browser/page/page.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    sourcemap: 'inline',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  });
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
