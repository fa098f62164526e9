import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

interface Override {
  files: string[];
  rules: { 'no-restricted-imports'?: 'off' | [string, { patterns: [{ regex: string; message: string }] }] };
}

/** Modules of `src` that a room may import. */
const MODULES = [
  'utils',
  'topics',
  'payload',
  'discovery',
  'engine',
  'connection',
  'history',
  'notices',
  'query',
  'frames',
  'components',
  'editor',
  'config',
  'datasource',
  'editors',
  'module',
  'show-modal',
  'sign-in',
  'types',
  'variables',
  'viewer-data',
  'migrate',
  'setting-ranges',
];

/** Packages by their short names in the table. */
const PACKAGES: Readonly<Record<string, string>> = {
  data: '@grafana/data',
  ui: '@grafana/ui',
  runtime: '@grafana/runtime',
  react: 'react',
  rxjs: 'rxjs',
  mqtt: 'mqtt',
};

const { overrides } = JSON.parse(await read('.oxlintrc.json')) as { overrides: Override[] };
const page = await read('docs/development/architecture.md');

/** The imports that the lint rules forbid in each room, by the folder of the room. */
const rooms = new Map(
  overrides.flatMap(({ files, rules: { 'no-restricted-imports': rule } }) => {
    const folder = files.length === 1 ? /^(.+)\/\*\*$/.exec(files[0])?.[1] : undefined;
    return folder === undefined || !Array.isArray(rule) ? [] : [[folder, rule[1].patterns[0]] as const];
  })
);

/** Files of a room that another room may import although it may not import the room: `room(?!/file$)`. */
const exceptions = new Set(
  [...rooms.values()].flatMap(({ regex }) =>
    [...regex.matchAll(/([\w-]+)\(\?!\/\(?([\w|/-]+)\)?\$\)/g)].flatMap(([, room, parts]) =>
      parts.split('|').map((part) => `${room}/${part}`)
    )
  )
);

/** The rows of the table under "Who may import whom", by the folder of the room. */
function table(): Map<string, { modules: string[]; packages: string[] }> {
  const section = /## Who may import whom\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const list = (cell: string): string[] => cell.split(',').flatMap((each) => each.trim() || []);
  return new Map(
    [...section.matchAll(/^\| `(.+?)` *\|(.*?)\|(.*?)\|$/gm)].map(([, room, modules, packages]) => [
      room,
      { modules: list(modules), packages: list(packages) },
    ])
  );
}

describe('the architecture page and the lint rules', () => {
  test('know the same rooms', () => {
    expect([...table().keys()].toSorted()).toEqual([...rooms.keys()].toSorted());
    expect(rooms.size).toBeGreaterThan(12);
  });

  test.each([...table()])('allow %s the same imports', (room, row) => {
    const forbidden = new RegExp(rooms.get(room)!.regex);
    const path = room.startsWith('src/') ? '../' : '../../src/';
    const own = room.replace('src/', '');
    const allowed = [...MODULES, ...exceptions].filter((each) => each !== own && !forbidden.test(path + each));
    // A part of a room is named only if the room itself is forbidden.
    const shortest = allowed.filter((each) => {
      const [whole, part] = each.split('/');
      return part === undefined || (whole !== own && !allowed.includes(whole));
    });
    const packages = Object.keys(PACKAGES).filter((each) => !forbidden.test(PACKAGES[each]));
    expect({ modules: row.modules.toSorted(), packages: row.packages.toSorted() }).toEqual({
      modules: shortest.toSorted(),
      packages: packages.toSorted(),
    });
  });

  test.each([...rooms])('keep the tests, the benchmarks and the workbench out of %s', (_room, { regex, message }) => {
    for (const path of ['../workbench/start', '../../workbench', '../bench', '../testing/programs', '../tests/x']) {
      expect(path).toMatch(new RegExp(regex));
    }
    expect(message).toContain('docs/development/architecture.md');
  });
});

test('every page that a file names exists', async () => {
  const folders = ['src', 'broker', 'workbench', 'bench', 'testing', 'packaging', 'e2e', 'docs', 'provisioning', '.ci'];
  const inFolders = folders.map(async (folder) =>
    (await readdir(join(ROOT, folder), { recursive: true })).map((file) => join(folder, file))
  );
  const files = [...(await readdir(ROOT)), ...(await Promise.all(inFolders)).flat()].filter(
    (file) =>
      /\.(tsx?|m?js|cjs|json|md|yaml|sh)$/.test(file) && !/(^|\/)(package-lock\.json$|node_modules\/)/.test(file)
  );
  expect(files.length).toBeGreaterThan(600);
  const absent = files.map(async (file) => {
    const names = (await read(file)).matchAll(/(?<![\w.:%}/-])((?:[\w.-]+\/)*[A-Za-z][\w-]*\.md)\b/g);
    return [...names].flatMap(([, name]) =>
      [ROOT, join(ROOT, 'docs'), join(ROOT, dirname(file))].some((folder) => existsSync(join(folder, name)))
        ? []
        : `${file}: ${name}`
    );
  });
  expect((await Promise.all(absent)).flat()).toEqual([]);
});

describe('every path in the pages for developers exists', () => {
  /** The lint rules have this room, which has no file yet. */
  const RESERVED = ['src/history'];
  const PAGES = ['CONTRIBUTING.md', 'docs/development', 'findings'];
  const ROOMS = 'src|broker|workbench|bench|testing|packaging|e2e|docs|findings|provisioning|\\.ci';

  test('in their text', async () => {
    const pages = PAGES.flatMap((each) =>
      each.endsWith('.md')
        ? [each]
        : readdirSync(join(ROOT, each)).flatMap((file) => (file.endsWith('.md') ? join(each, file) : []))
    );
    const named = pages.map(async (file) =>
      // `src/*.ts` stands for the folder, and capitals, as in `findings/NAME.sh`, for any name.
      [...(await read(file)).matchAll(new RegExp(`\`((?:${ROOMS})(?:/[\\w.-]+)*)(?:/\\*[\\w.]*)?\``, 'g'))].flatMap(
        ([, path]) => (/\/[A-Z]{2,}\./.test(path) ? [] : { file, path })
      )
    );
    const paths = (await Promise.all(named)).flat();
    expect(paths.length).toBeGreaterThan(100);
    expect(paths.filter(({ path }) => !existsSync(join(ROOT, path)) && !RESERVED.includes(path))).toEqual([]);
  });

  test('in the map of CONTRIBUTING', async () => {
    const [, map] = /## The map\n\n```\n([\s\S]*?)```/.exec(await read('CONTRIBUTING.md'))!;
    const paths: string[] = [];
    let room = '';
    for (const line of map.trimEnd().split('\n')) {
      const [, indent, names] = /^( *)(\S+(?: \S+)*)/.exec(line)!;
      room = indent === '' ? names.split(' ')[0] : room;
      const inner = names
        .split(/ {2,}/)[0]
        .split(' ')
        .filter((name) => name.endsWith('/'));
      paths.push(...(indent === '' ? [room] : inner.map((name) => join(room, name))));
    }
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const missing = rooms
      .map(({ name }) => `src/${name}/`)
      .filter((path) => !paths.includes(path) && path !== 'src/img/');
    expect(missing).toEqual([]);
  });
});
