import { chmod, rename, writeFile } from 'node:fs/promises';

/**
 * Replaces a file atomically: a process that reads the file meanwhile, or starts after a crash, finds the old contents or
 * the new ones. It writes `PATH.new` first.
 *
 * @param mode permissions of the file, also if `PATH.new` is left over from a crash; default: those of a new file
 * @throws the error of the file system
 */
export async function replaceFile(path: string, contents: string, mode?: number): Promise<void> {
  const next = `${path}.new`;
  await writeFile(next, contents, mode === undefined ? {} : { mode });
  if (mode !== undefined) {
    await chmod(next, mode);
  }
  await rename(next, path);
}
