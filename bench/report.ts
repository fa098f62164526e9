import { writeFile } from 'node:fs/promises';
import { isMeasured, type Result } from './measurement';
import type { BenchOptions } from './options';
import { json, table } from './table';

/** Prints the table, writes the JSON, and sets the exit code if a row failed. */
export async function report(results: readonly Result[], { short, json: file }: BenchOptions): Promise<void> {
  process.stdout.write(table(results, !short));
  if (file !== undefined) {
    await writeFile(file, json(results, short));
  }
  if (results.some((result) => !isMeasured(result) && result.failed === true)) {
    process.exitCode = 1;
  }
}
