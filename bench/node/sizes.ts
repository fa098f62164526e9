import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPlugin } from '../../esbuild.config.mjs';
import type { Measurement } from '../measurement';

/** The files that are loaded at once, in kB gzipped: what they may have, and what they had. */
const FILES = [
  { file: 'engine.js', most: 85, before: 116 },
  { file: 'module.js', most: 45, before: 55 },
] as const;

/**
 * Row 29: the gzipped size of the files that are loaded at the start, next to those of c58a5ad, or of another build.
 *
 * @param folder for the build.
 * @param other a checkout with another build.
 */
export async function sizes(folder: string, other: string | undefined): Promise<Measurement[]> {
  const dist = join(folder, 'dist');
  await buildPlugin({ outdir: dist, production: true });
  const results: Measurement[] = [];
  for (const { file, most, before } of FILES) {
    const size = await gzipped(join(dist, file));
    const peer = other === undefined ? before : await gzipped(join(other, 'dist', file));
    results.push({
      row: 29,
      what: `${file}, gzipped`,
      ours: { value: size, unit: 'kB' },
      peer: { name: other === undefined ? 'c58a5ad' : 'the other build', value: peer, unit: 'kB' },
      ratio: { value: size / peer, means: 'times its size' },
      target: `at most ${most} kB`,
      met: size <= most,
    });
  }
  return results;
}

async function gzipped(file: string): Promise<number> {
  return gzipSync(await readFile(file)).length / 1_000;
}
