import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderPage } from '../../docs/pages.mjs';
import { HELP } from './help';

const anchors = new Map(
  ['query-editor', 'payloads'].map((page) => {
    const text = readFileSync(new URL(`../../docs/${page}.md`, import.meta.url), 'utf8');
    return [page, [...renderPage(text).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)];
  })
);

test.each(Object.entries(HELP))('the help of %s leads to a section of the documentation', (_, { page }) => {
  const [, name, anchor] = /^([a-z-]+)\.html#(.+)$/.exec(page)!;
  expect(anchors.get(name)).toContain(anchor);
});
