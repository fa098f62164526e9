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
}

/** A part of the engine, next to it. */
const PART = /^\/[a-z]+-[A-Z0-9]+\.js$/;

/** Builds the plugin and the page of the suite into a folder, and serves both on a free port. */
export async function serveSite(folder: string): Promise<Site> {
  const plugin = { outdir: join(folder, 'plugin'), production: true };
  await Promise.all([buildPlugin(plugin), buildPage(join(folder, 'page.js'))]);
  const files: Record<string, string> = {
    '/page.js': join(folder, 'page.js'),
    '/engine.js': join(plugin.outdir, 'engine.js'),
    '/mqtt.esm.js': createRequire(import.meta.url).resolve('mqtt/dist/mqtt.esm'),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://bench');
    const file = files[pathname] ?? (PART.test(pathname) ? join(plugin.outdir, pathname) : undefined);
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
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: () => close(server) };
}

async function buildPage(outfile: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
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
