import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderPage } from './pages.mjs';

const paths = (await readdir(import.meta.dirname, { recursive: true })).filter((path) => path.endsWith('.md'));
const pages = new Map(
  await Promise.all(
    paths.map(async (path): Promise<[string, string]> => {
      const markdown = await readFile(join(import.meta.dirname, path), 'utf8');
      return [path.replace(/\.md$/, '.html'), renderPage(markdown)];
    })
  )
);

const anchorsOf = (html: string): string[] => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

describe('a page as HTML', () => {
  test('has its title, headings with the anchors of GitHub, tables and code', () => {
    const html = renderPage(
      '---\ntitle: A & B\ndescription: What it does.\n---\n\n## `$SYS` and "more"\n\n| a | b |\n| - | - |\n| 1 | `<x>` |\n\n### Tasmota\n\n### Tasmota\n'
    );
    expect(html).toContain('<h1>A &amp; B</h1>');
    expect(anchorsOf(html)).toEqual(['sys-and-more', 'tasmota', 'tasmota-1']);
    expect(html).toContain('<td><code>&lt;x&gt;</code></td>');
  });

  test('links to other pages as HTML, and to none outside of the folder', () => {
    const html = renderPage('[a](payloads.md#csv) [d](../README.md) [e](https://example.org/x.md)');
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'payloads.html#csv',
      'https://example.org/x.md',
    ]);
  });

  test('links to no page for developers, which is in the repository only', () => {
    const html = renderPage('[a](development/aedes.md) [h](development/how-it-works.md#units)');
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
      'development/how-it-works.html#units',
    ]);
    expect(html).toContain('<p>a ');
  });
});

test.each([...pages])('the pictures of %s are next to the plugin', (page, html) => {
  const missing = [...html.matchAll(/<img src="([^"]*)"/g)]
    .map(([, source]) => posix.join('docs', dirname(page), source))
    // The build has src/img as img, and docs/img as docs/img.
    .filter(
      (path) =>
        !/^(docs\/)?img\//.test(path) ||
        !existsSync(join(import.meta.dirname, '..', path.replace(/^img\//, 'src/img/')))
    );
  expect(missing).toEqual([]);
});

test.each([...pages])('the links of %s lead to pages and sections', (page, html) => {
  const dead = [...html.matchAll(/<a href="([^"]*)"/g)]
    .map(([, href]) => href)
    .filter((href) => !/^[a-z]+:/.test(href))
    .filter((href) => {
      const [path, anchor] = href.split('#');
      const target = path === '' ? html : pages.get(posix.join(dirname(page), path));
      return target === undefined || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
  expect(dead).toEqual([]);
});
