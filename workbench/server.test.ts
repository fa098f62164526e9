import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startServer, type WorkbenchServer } from './server';

const INFO = { pluginId: 'acme-test-datasource', broker: { tcp: 'mqtt://b', ws: 'ws://b' }, topics: ['a/b'] };

/** A request with `..` in its path, which fetch() would remove. */
function get(server: WorkbenchServer, rawPath: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path: rawPath, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}

describe('the workbench server', () => {
  let folder: string;
  let server: WorkbenchServer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'workbench-server-'));
    const folders = { host: path.join(folder, 'host'), plugin: path.join(folder, 'plugin') };
    await Promise.all(Object.values(folders).map((each) => mkdir(each)));
    await writeFile(path.join(folders.host, 'index.html'), '<title>page</title>');
    await writeFile(path.join(folders.plugin, 'module.js'), 'define([])');
    await writeFile(path.join(folder, 'secret.txt'), 'secret');
    await mkdir(path.join(folder, 'plugin-other'));
    await writeFile(path.join(folder, 'plugin-other', 'secret.txt'), 'secret');
    server = await startServer({ port: 0, folders, info: INFO });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['/', 'text/html; charset=utf-8', 'no-store'],
    ['/public/plugins/acme-test-datasource/module.js', 'text/javascript; charset=utf-8', 'no-store'],
    ['/public/plugins/acme-test-datasource/module.js?_cache=1.0.0', 'text/javascript; charset=utf-8', 'no-store'],
    ['/public/build/img/icons/unicons/sync.svg', 'image/svg+xml', 'max-age=3600'],
    ['/public/build/img/icons/mono/circle-mono.svg', 'image/svg+xml', 'no-store'],
    ['/public/fonts/inter/Inter-Regular.woff2', 'font/woff2', 'max-age=3600'],
    ['/public/fonts/roboto/x.woff2', 'font/woff2', 'max-age=3600'],
    ['/api/login/ping', 'application/json', 'no-store'],
  ])('serves %s', async (address, type, cache) => {
    const response = await fetch(new URL(address, server.url));
    expect(response.status).toBe(200);
    expect([response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([type, cache]);
  });

  it('has the addresses of the broker', async () => {
    const response = await fetch(new URL('/workbench.json', server.url));
    await expect(response.json()).resolves.toEqual(INFO);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fplugin-other/secret.txt',
    '/public/plugins/acme-test-datasource/../../../../secret.txt',
    '/public/plugins/acme-test-datasource/%2e%2e/plugin-other/secret.txt',
    '/public/plugins/acme-test-datasource/..%2fsecret.txt',
    '/public/plugins/other-datasource/module.js',
    '/public/build/img/icons/..%2f..%2f..%2f..%2fpackage.json',
    '//etc/passwd',
    '/%00',
    '/%',
    '/nothing',
  ])('has nothing at %s', async (rawPath) => {
    const { status, body } = await get(server, rawPath);
    expect({ status, body }).toEqual({ status: 404, body: 'Not found' });
  });

  it('answers GET and HEAD only', async () => {
    expect((await get(server, '/', 'POST')).status).toBe(405);
    expect((await get(server, '/', 'HEAD')).status).toBe(200);
  });

  it('saves a data source with its secrets, and returns none of it', async () => {
    const address = new URL('/api/datasources/uid/u', server.url);
    const put = (body: unknown, type = 'application/json') =>
      fetch(address, { method: 'PUT', headers: { 'content-type': type }, body: JSON.stringify(body) });
    const saved = await put({ uid: 'u', url: 'http://127.0.0.1:9', secureJsonData: { key: 's3cret' } });
    expect(saved.status).toBe(200);
    expect(await saved.text()).not.toContain('s3cret');
    expect((await fetch(address)).status).toBe(404);
    // The only content type that a form on another site can send.
    expect((await put({ uid: 'u', url: 'http://elsewhere' }, 'text/plain')).status).toBe(415);
    expect((await put({ uid: 5 })).status).toBe(400);
    expect((await fetch(new URL('/api/datasources/proxy/uid/u', server.url))).status).toBe(502);
    expect((await fetch(new URL('/api/datasources/proxy/uid/unknown', server.url))).status).toBe(404);
  });

  it('sends a Content-Security-Policy with every response if it has one', async () => {
    const folders = { host: path.join(folder, 'host'), plugin: path.join(folder, 'plugin') };
    const strict = await startServer({ port: 0, folders, info: INFO, policy: "connect-src 'self'" });
    try {
      for (const address of ['/', '/public/plugins/acme-test-datasource/module.js']) {
        const response = await fetch(new URL(address, strict.url));
        expect(response.headers.get('content-security-policy')).toBe("connect-src 'self'");
      }
    } finally {
      await strict.close();
    }
  });

  it('uses the next port if one is taken, and reports the requested one', async () => {
    const folders = { host: folder, plugin: folder };
    const next = await startServer({ port: server.port, folders, info: INFO });
    try {
      expect(next.requestedPort).toBe(server.port);
      expect(next.port).toBeGreaterThan(server.port);
      expect((await fetch(new URL('/api/login/ping', next.url))).status).toBe(200);
    } finally {
      await next.close();
    }
  });

  it('tells open pages to reload, and closes although they are open', async () => {
    const other = await startServer({ port: 0, folders: { host: folder, plugin: folder }, info: INFO });
    const response = await fetch(new URL('/events', other.url));
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    other.reload();
    let received = '';
    do {
      received += decoder.decode((await reader?.read())?.value);
    } while (!received.includes('event: reload'));
    await other.close();
    await expect(reader?.read()).rejects.toThrow();
  });
});
