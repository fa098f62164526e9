import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PICTURES } from '../workbench/picture';
import { anchorsOfPage } from './pages.mjs';

const ROOT = join(import.meta.dirname, '..');
const allPages = (await readdir(import.meta.dirname, { recursive: true })).filter((file) => file.endsWith('.md'));
const pages = allPages.filter((page) => !page.includes(sep));
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

async function sourceText(folder: string): Promise<string> {
  const files = await readdir(join(ROOT, folder), { recursive: true });
  const code = files.filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'));
  return (await Promise.all(code.map((file) => read(join(folder, file))))).join('\n');
}

describe.each(allPages)('%s', (page) => {
  test('has a title and a description, and no heading of the first level', async () => {
    const text = await read(`docs/${page}`);
    expect(text).toMatch(/^---\ntitle: .+\ndescription: .+\n(sidebar_position: \d+\n)?---\n/);
    expect(withoutCode(text)).not.toMatch(/^# /m);
  });
});

function withoutCode(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^\1```/gm, '');
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const anchorOf = anchorsOfPage();
  return new Set([...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading)));
}

describe('links', () => {
  const OTHERS = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'findings/README.md',
    'src/README.md',
    'packaging/broker-readme.md',
  ];
  const TARGET = /\]\(<?((?![a-z]+:)[^)>\s]+)>?(?: "[^"]*")?\)/g;

  test.each([...allPages.map((page) => `docs/${page}`), ...OTHERS])(
    'of %s lead to a file and to its heading',
    async (page) => {
      const text = (await read(page)).replace(/`[^`\n]+`/g, '');
      const links = [...withoutCode(text).matchAll(TARGET)].map(async ([, link]) => {
        const [file, anchor] = link.split('#');
        const path = file === '' ? page : join(dirname(page), file);
        if (!(await stat(join(ROOT, path)).catch(() => undefined))) {
          return [`${link}: no such file`];
        }
        return anchor === undefined || anchorsOf(await read(path)).has(anchor) ? [] : [`${link}: no such heading`];
      });
      expect((await Promise.all(links)).flat()).toEqual([]);
    }
  );

  test('to a heading are compared with the anchors of GitHub', () => {
    const text = '# A `b.c` & D\n```sh\n# no heading\n```\n## X\n## X\n## [Über](u) snake_case\n## 1. Users\n';
    expect([...anchorsOf(text)]).toEqual(['a-bc--d', 'x', 'x-1', 'über-snake_case', '1-users']);
  });
});

describe('pictures', () => {
  test('of the plugin are those that `npm run pictures` takes, and small enough for a README', async () => {
    const { info } = JSON.parse(await read('plugin.json')) as { info: { screenshots: Array<{ path: string }> } };
    const files = (await readdir(join(ROOT, 'src/img'))).filter((file) => file.endsWith('.png'));
    const taken = PICTURES.map(({ file }) => file).toSorted();
    expect(files.toSorted()).toEqual(taken);
    expect(info.screenshots.map(({ path }) => path.replace('img/', '')).toSorted()).toEqual(taken);
    for (const file of files) {
      expect((await stat(join(ROOT, 'src/img', file))).size, file).toBeLessThan(
        file === 'dashboard.png' ? 200_000 : 350_000
      );
    }
  });
});

test('the page of the workbench has every parameter of its address', async () => {
  const params = (await read('workbench/host/params.ts')).matchAll(/params\.get(?:All)?\('(\w+)'\)/g);
  const rows = (await read('docs/workbench.md')).matchAll(/^\| `(\w+)` /gm);
  const documented = [...rows].map(([, name]) => name).toSorted();
  expect(documented).toEqual([...params].map(([, name]) => name).toSorted());
  expect(documented).toContain('plot');
});

test('the README leads to the index, and the index to every page', async () => {
  expect(await read('README.md')).toContain('(docs/README.md)');
  const index = await read('docs/README.md');
  for (const page of pages.filter((each) => each !== 'README.md')) {
    expect(index).toContain(`(${page})`);
  }
});

test('the index leads to the index of the developers’ pages, and that to each of them', async () => {
  expect(await read('docs/README.md')).toContain('(development/README.md)');
  const index = await read('docs/development/README.md');
  const developers = allPages.filter((page) => page.startsWith(`development${sep}`) && !page.endsWith('README.md'));
  expect(developers.length).toBeGreaterThan(3);
  for (const page of developers) {
    expect(index).toContain(`(${page.slice('development/'.length)})`);
  }
});

test('troubleshooting has the messages that the code gives, word for word', async () => {
  const text = await read('docs/troubleshooting.md');
  const source = await sourceText('src');
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings.length).toBeGreaterThan(10);
  expect(headings.filter((heading) => !source.includes(heading))).toEqual([]);
});

test('the README, the compose file and the provisioning name the plugin as plugin.json does', async () => {
  const { id } = JSON.parse(await read('plugin.json')) as { id: string };
  for (const file of ['README.md', 'docker-compose.yaml', 'provisioning/datasources/mqtt.yaml', 'docs/configure.md']) {
    expect(await read(file), file).toContain(id);
  }
});
