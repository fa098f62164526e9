import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, it } from 'vitest';

import { hostSources } from './host-build';

it('builds the page anew if any file changes that it imports', async () => {
  const sources = await hostSources();
  const modules = new Set(sources.map((file) => file.replace(/(\/index)?\.tsx?$/, '')));
  const missing = new Set<string>();
  let count = 0;
  for (const source of sources.filter((file) => /\.tsx?$/.test(file))) {
    const text = await readFile(source, 'utf8');
    for (const [, names, target] of text.matchAll(/^(?:import|export) (?!type )([^;]*?)from '(\.[^']+)'/gm)) {
      const isTypes = /^\{(\s*type \w+,?)+\s*\}\s*$/.test(names);
      const imported = path.join(path.dirname(source), target);
      count += 1;
      if (!isTypes && !modules.has(imported) && !sources.includes(imported)) {
        missing.add(imported);
      }
    }
  }
  expect(count).toBeGreaterThan(50);
  expect([...missing]).toEqual([]);
});
