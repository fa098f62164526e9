import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const pages = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.md'));
const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

async function sourceText(folder: string): Promise<string> {
  const files = await readdir(join(ROOT, folder), { recursive: true });
  const code = files.filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'));
  return (await Promise.all(code.map((file) => read(join(folder, file))))).join('\n');
}

describe.each(pages)('%s', (page) => {
  test('has a title and a description, no heading of the first level, and links that lead somewhere', async () => {
    const text = await read(`docs/${page}`);
    expect(text).toMatch(/^---\ntitle: .+\ndescription: .+\n(sidebar_position: \d+\n)?---\n/);
    expect(text.replace(/```[\s\S]*?```/g, '')).not.toMatch(/^# /m);
    for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      await expect(stat(join(ROOT, 'docs', link))).resolves.toBeDefined();
    }
  });
});

test('the README leads to every page', async () => {
  const readme = await read('README.md');
  for (const page of pages) {
    expect(readme).toContain(`docs/${page}`);
  }
});

test('troubleshooting has the messages that the code gives, word for word', async () => {
  const text = await read('docs/troubleshooting.md');
  const source = await sourceText('src');
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings.length).toBeGreaterThan(10);
  expect(headings.filter((heading) => !source.includes(heading))).toEqual([]);
});
