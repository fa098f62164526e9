import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSensors } from '../broker/sensors';
import { parsePatterns } from '../src/topics';

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
  test('has a title and a description, no heading of the first level, and links that lead somewhere', async () => {
    const text = await read(`docs/${page}`);
    expect(text).toMatch(/^---\ntitle: .+\ndescription: .+\n(sidebar_position: \d+\n)?---\n/);
    expect(text.replace(/```[\s\S]*?```/g, '')).not.toMatch(/^# /m);
    for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      await expect(stat(join(ROOT, 'docs', dirname(page), link))).resolves.toBeDefined();
    }
  });
});

test('the README leads to every page', async () => {
  const readme = await read('README.md');
  for (const page of pages) {
    expect(readme).toContain(`docs/${page}`);
  }
});

test('the README leads to the index of the developers’ pages, and the index to each of them', async () => {
  expect(await read('README.md')).toContain('docs/development/README.md');
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

test('the provisioned dashboard asks for what the demo sensors publish', async () => {
  const dashboard = JSON.parse(await read('provisioning/dashboards/house.json')) as {
    panels: Array<{ title: string; targets: Array<{ topic: string; datasource: { uid: string } }> }>;
  };
  const datasources = await read('provisioning/datasources/mqtt.yaml');
  const sensors = startSensors(() => Promise.resolve());
  sensors.stop();
  for (const { title, targets } of dashboard.panels) {
    for (const { topic, datasource } of targets) {
      expect(datasources).toContain(`uid: ${datasource.uid}`);
      const [pattern] = parsePatterns(topic);
      expect(
        sensors.topics.filter((each) => pattern.labels(each) !== undefined),
        `${title}: ${topic}`
      ).not.toEqual([]);
    }
  }
});

test('the README, the compose file and the provisioning name the plugin as plugin.json does', async () => {
  const { id } = JSON.parse(await read('plugin.json')) as { id: string };
  for (const file of ['README.md', 'docker-compose.yaml', 'provisioning/datasources/mqtt.yaml', 'docs/configure.md']) {
    expect(await read(file), file).toContain(id);
  }
});
