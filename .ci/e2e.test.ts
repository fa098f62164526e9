import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** The end-to-end specs need a Grafana, so here they are only loaded: `npm run e2e` runs them. */
const root = join(import.meta.dirname, '..');

test('Playwright finds every end-to-end spec, as admin or as viewer', async () => {
  const cli = join(root, 'node_modules/@playwright/test/cli.js');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'test', '--config', 'e2e', '--list'], {
    cwd: root,
    env,
  });
  const listed = [...stdout.matchAll(/\[(admin|viewer)\] › ([\w.-]+):\d+:\d+ › (?:.* › )?(.+)$/gm)];
  for (const file of readdirSync(join(root, 'e2e')).filter((name) => name.endsWith('.spec.ts'))) {
    const titles = [...readFileSync(join(root, 'e2e', file), 'utf8').matchAll(/^ *test\('([^']+)'/gm)].map(
      ([, title]) => title
    );
    expect(titles.length).toBeGreaterThan(0);
    expect({ file, titles: listed.filter(([, , name]) => name === file).map(([, , , title]) => title) }).toEqual({
      file,
      titles,
    });
    const projects = new Set(listed.filter(([, , name]) => name === file).map(([, project]) => project));
    expect([...projects]).toEqual([file === 'viewer.spec.ts' ? 'viewer' : 'admin']);
  }
});
