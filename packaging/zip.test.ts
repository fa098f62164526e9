import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readZip } from './testing';
import { zip } from './zip';

const TIME = new Date('2026-03-01T14:03:21Z');
const FILES = [
  { path: 'plugin/module.js', content: Buffer.from('define([])'.repeat(500)) },
  { path: 'plugin/img/ä.svg', content: Buffer.from('<svg/>') },
  { path: 'plugin/empty', content: Buffer.alloc(0) },
];

describe('zip', () => {
  test('holds the files, compressed and sorted by path', () => {
    const archive = zip(FILES, TIME);
    expect(readZip(archive)).toEqual(
      new Map([FILES[2], FILES[1], FILES[0]].map(({ path, content }) => [path, content]))
    );
    expect([...readZip(archive).keys()]).toEqual(['plugin/empty', 'plugin/img/ä.svg', 'plugin/module.js']);
    expect(archive.length).toBeLessThan(1_000);
  });

  test('is the same for the same files in another order, and differs at another time', () => {
    expect(zip(FILES.toReversed(), TIME)).toEqual(zip(FILES, TIME));
    expect(zip(FILES, new Date('2026-03-01T14:03:24Z'))).not.toEqual(zip(FILES, TIME));
  });

  test('is read by Python, with names, permissions and times', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'mqttstream-zip-'));
    try {
      const file = join(folder, 'a.zip');
      await writeFile(file, zip(FILES, TIME));
      const script = `import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist(): print(i.filename, i.file_size, oct(i.external_attr >> 16), *i.date_time)`;
      const { stdout } = await promisify(execFile)('python3', ['-c', script, file], {
        env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
      }).catch((error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? context.skip('no python3') : Promise.reject(error)
      );
      expect(stdout.trim().split('\n')).toEqual([
        'plugin/empty 0 0o100644 2026 3 1 14 3 20',
        'plugin/img/ä.svg 6 0o100644 2026 3 1 14 3 20',
        'plugin/module.js 5000 0o100644 2026 3 1 14 3 20',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
