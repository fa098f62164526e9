import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replaceFile } from './replace-file';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replace-file-'));
});

afterAll(() => rm(folder, { recursive: true }));

test('a file is replaced with the wanted permissions, also if a crash left half of another one', async () => {
  const file = join(folder, 'users');
  await writeFile(`${file}.new`, 'half', { mode: 0o666 });
  await replaceFile(file, 'old', 0o600);
  await replaceFile(file, 'new', 0o600);
  expect(await readFile(file, 'utf8')).toBe('new');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await expect(stat(`${file}.new`)).rejects.toThrow('ENOENT');
});

test('if the folder is missing, the error is that of the file system', async () => {
  await expect(replaceFile(join(folder, 'missing', 'users'), 'a')).rejects.toThrow('ENOENT');
});
