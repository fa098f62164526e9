import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgress } from './progress';
import { OWN_TOPIC, publishCommand } from './publish-command';

describe('the progress of npm start', () => {
  test('has a line for each step when it is complete, with the time since the start', async () => {
    const lines: string[] = [];
    let now = 1_000;
    const progress = createProgress(
      (text) => lines.push(text),
      () => now
    );
    const builds = new EventEmitter();
    const build = once(builds, 'end').then(([cached]) => ({ cached: cached as boolean }));
    const page = progress(({ cached }) => (cached ? 'unchanged' : 'built'), build);
    now = 2_500;
    expect(await progress('the plugin', Promise.resolve(7))).toBe(7);
    expect(lines).toEqual(['    1.5 s  the plugin\n']);
    now = 21_000;
    builds.emit('end', false);
    await page;
    expect(lines[1]).toBe('   20.0 s  built\n');
  });

  test('has no line for a step that fails', async () => {
    const lines: string[] = [];
    const progress = createProgress((text) => lines.push(text));
    await expect(progress('x', Promise.reject(new Error('no port')))).rejects.toThrow('no port');
    expect(lines).toEqual([]);
  });
});

describe('the command that publishes', () => {
  test('is the one of the README', async () => {
    expect(await readFile(join(import.meta.dirname, '../README.md'), 'utf8')).toContain(
      `\n${publishCommand(1883, OWN_TOPIC)}\n`
    );
  });

  test('names another port, and quotes what a shell would change', () => {
    expect(publishCommand(1884, 'a b/$c')).toBe("npx mqtt pub -h 127.0.0.1 -p 1884 -t 'a b/$c' -m 21.5");
    expect(publishCommand(1883, "it's")).toBe(String.raw`npx mqtt pub -h 127.0.0.1 -t 'it'\''s' -m 21.5`);
  });
});
