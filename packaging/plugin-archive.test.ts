import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archivePlugin, buildPluginFolder, isSigned, type Archive } from './plugin-archive';
import { readZip } from './testing';

/**
 * The archive that Grafana's command line and catalogue take, by those rules of Grafana's plugin-validator that need no
 * network: https://github.com/grafana/plugin-validator. The validator itself is a Go program that its npm package downloads.
 */
const root = join(import.meta.dirname, '..');
const ID = 'mqttstream-websocket-datasource';
const BUILT = new Date('2026-03-01T00:00:00Z');
const REPOSITORY = 'https://example.com/mqtt/stream';

let outdir: string;
let archive: Archive;
let files: Map<string, Buffer>;
const text = (path: string): string => files.get(`${ID}/${path}`)!.toString();

interface PluginJson {
  id: string;
  name: string;
  type: string;
  includes?: Array<{ type: string; name: string; path: string }>;
  info: {
    description: string;
    author: { name: string };
    keywords: string[];
    logos: { small: string; large: string };
    links: Array<{ name: string; url: string }>;
    screenshots: Array<{ name: string; path: string }>;
    version: string;
    updated: string;
  };
  dependencies: { grafanaDependency: string };
}
const plugin = (): PluginJson => JSON.parse(text('plugin.json')) as PluginJson;

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'mqttstream-package-'));
  await buildPluginFolder({ root, outdir, repository: `${REPOSITORY}/` });
  archive = await archivePlugin({ root, outdir, built: BUILT });
  files = readZip(await readFile(archive.zip));
}, 120_000);

afterAll(() => rm(outdir, { recursive: true, force: true }));

describe('the archive', () => {
  test('is one folder named by the id, with what a plugin must have', () => {
    expect([...files.keys()].filter((path) => !path.startsWith(`${ID}/`))).toEqual([]);
    for (const path of ['module.js', 'engine.js', 'plugin.json', 'README.md', 'CHANGELOG.md', 'LICENSE']) {
      expect(files.get(`${ID}/${path}`)?.length).toBeGreaterThan(500);
    }
  });

  test('has neither source files nor source maps, nor their names', () => {
    expect([...files.keys()].filter((path) => /\.(tsx?|map|mjs|cjs|exe|sh)$|node_modules|\/\./.test(path))).toEqual([]);
    for (const [path, content] of files) {
      expect({ path, map: /sourceMappingURL=\S+/.exec(content.toString())?.[0] }).toEqual({ path, map: undefined });
    }
  });

  test('is smaller than a megabyte', () => {
    expect(archive.size).toBeLessThan(1_000_000);
    expect(archive.size).toBeGreaterThan(100_000);
  });

  test('has checksums that sha1sum and sha256sum can check', async () => {
    const content = await readFile(archive.zip);
    for (const [algorithm, path] of [
      ['sha1', archive.sha1],
      ['sha256', archive.sha256],
    ]) {
      const digest = createHash(algorithm).update(content).digest('hex');
      expect(await readFile(path, 'utf8')).toBe(`${digest}  ${ID}-${plugin().info.version}.zip\n`);
    }
  });

  test('is the same when it is packed again', async () => {
    const before = await readFile(archive.zip);
    await archivePlugin({ root, outdir, built: BUILT });
    expect((await readFile(archive.zip)).equals(before)).toBe(true);
  });
});

describe('plugin.json', () => {
  test('has an id that ends with its type, and another name', () => {
    const { id, name, type } = plugin();
    expect(id).toMatch(/^[0-9a-z]+-([0-9a-z]+-)(app|panel|datasource)$/);
    expect(id.endsWith(`-${type}`)).toBe(true);
    expect(name).not.toBe(id);
  });

  test('describes the plugin as the catalogue wants it', async () => {
    const { info, dependencies } = plugin();
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(info.version).toBe(version);
    expect(info.author.name).not.toBe('');
    expect(info.description.split(/[.!?](\s|$)/).filter((part) => part?.trim()).length).toBeLessThanOrEqual(2);
    expect(info.keywords.length).toBeGreaterThan(3);
    expect(info.updated).toMatch(/^\d{4}-\d\d-\d\d$/);
    // A single version, or one minor version only, is a warning of the validator.
    expect(dependencies.grafanaDependency).toMatch(/^>=\d+\.\d+\.\d+(-0)?$/);
  });

  test('has the links of the repository', () => {
    const { links } = plugin().info;
    expect(links.map(({ name }) => name)).toEqual(['Documentation', 'Repository', 'License', 'Raise issue']);
    expect(links.every(({ url }) => url === REPOSITORY || url.startsWith(`${REPOSITORY}/`))).toBe(true);
  });

  test('names only files that are there, by paths inside of the plugin', () => {
    const { info, includes = [] } = plugin();
    const paths = [
      ...Object.values(info.logos),
      ...info.screenshots.map(({ path }) => path),
      ...includes.map(({ path }) => path),
    ];
    for (const path of paths) {
      expect(path).not.toMatch(/^[./]|\\/);
      expect([...files.keys()]).toContain(`${ID}/${path}`);
    }
  });

  test('has screenshots whose format is that of their names, and dashboards that are JSON', () => {
    const { info, includes = [] } = plugin();
    for (const { path } of info.screenshots) {
      expect(path).toMatch(/\.png$/);
      expect(files.get(`${ID}/${path}`)!.subarray(1, 4).toString()).toBe('PNG');
    }
    for (const { path } of includes) {
      expect(JSON.parse(text(path))).toHaveProperty('panels');
    }
  });

  test('has logos without scripts and foreign content', () => {
    const svg = text(plugin().info.logos.large);
    expect(svg).toMatch(/^<svg[\s>]/);
    expect(svg).not.toMatch(/<(script|foreignObject|image|iframe)|\son\w+=|href=/i);
  });
});

describe('the texts', () => {
  test('the README is for users: no commands of developers, no comments, only absolute links', () => {
    const readme = text('README.md');
    expect(readme).not.toMatch(/<!--|\b(yarn|npm|nodejs|docker)\b/i);
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
    expect(links.filter((link) => !link.startsWith('https://'))).toEqual([]);
  });

  test('the changelog begins with this version', () => {
    expect(/^## (\[?)(\d+\.\d+\.\d+|Unreleased)/m.exec(text('CHANGELOG.md'))?.[2]).toBeDefined();
  });

  test('the licences of all packages in the code are there', async () => {
    const { components } = JSON.parse(await readFile(archive.billOfMaterials, 'utf8')) as {
      components: Array<{ name: string; version: string }>;
    };
    for (const { name, version } of components) {
      expect(text('THIRD-PARTY-LICENSES.txt')).toContain(`\n${name} ${version} (`);
    }
  });
});

describe('the bill of materials', () => {
  interface Bill {
    metadata: {
      timestamp: string;
      component: { name: string; components: Array<{ name: string; hashes: Array<{ content: string }> }> };
    };
    components: Array<{ name: string; purl: string; licenses: Array<{ expression: string }> }>;
    dependencies: Array<{ dependsOn: string[] }>;
  }
  const bill = async (): Promise<Bill> => JSON.parse(await readFile(archive.billOfMaterials, 'utf8')) as Bill;

  test('lists the packages whose code is in the plugin, and no others', async () => {
    const { components, dependencies } = await bill();
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['mqtt', 'mqtt-packet', 'pbf']));
    // From Grafana, or for the broker and the tests
    for (const name of ['react', '@grafana/data', '@grafana/ui', 'rxjs', 'aedes', 'ws', 'esbuild', 'vitest']) {
      expect(names).not.toContain(name);
    }
    expect(dependencies[0].dependsOn).toEqual(components.map(({ purl }) => purl));
  });

  test('lists only packages with licences that allow redistribution', async () => {
    const { components } = await bill();
    const licenses = new Set(components.map((each) => each.licenses[0].expression));
    expect([...licenses].filter((license) => !/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD)$/.test(license))).toEqual(
      []
    );
  });

  test('lists each file of the archive with its hash', async () => {
    const { metadata } = await bill();
    expect(metadata).toMatchObject({ timestamp: BUILT.toISOString(), component: { name: ID } });
    expect(metadata.component.components.map(({ name, hashes }) => [`${ID}/${name}`, hashes[0].content])).toEqual(
      [...files].map(([path, content]) => [path, createHash('sha256').update(content).digest('hex')])
    );
  });
});

test('an archive with source maps has those of all scripts, and a signature is packed with it', async () => {
  const folder = await buildPluginFolder({ root, outdir: join(outdir, 'maps'), sourceMaps: true });
  expect(await isSigned(folder)).toBe(false);
  await writeFile(join(folder, 'MANIFEST.txt'), 'signed');
  expect(await isSigned(folder)).toBe(true);
  const packed = readZip(
    await readFile((await archivePlugin({ root, outdir: join(outdir, 'maps'), built: BUILT })).zip)
  );
  const scripts = [...packed.keys()].filter((path) => path.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(10);
  for (const script of scripts) {
    expect(packed.has(`${script}.map`)).toBe(true);
    expect(packed.get(script)!.toString()).toMatch(/\/\/# sourceMappingURL=[\w.-]+\.js\.map\s*$/);
  }
  expect(packed.get(`${ID}/MANIFEST.txt`)?.toString()).toBe('signed');
  expect(await readdir(join(outdir, 'source-maps'))).toContain('module.js.map');
}, 120_000);
