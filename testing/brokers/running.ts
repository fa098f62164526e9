import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningBroker } from './broker-kind';
import { Program, type ProgramOptions } from '../program';

/** Starts a program that is a broker. @throws {Error} with the end of its output */
export async function startProgram(
  options: ProgramOptions,
  urls: Pick<RunningBroker, 'url' | 'publishUrl'>
): Promise<RunningBroker> {
  const program = new Program(options);
  try {
    await program.start();
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return {
    ...urls,
    stop: () => program.stop(),
    start: () => program.start(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/**
 * A folder of the cache, which `fill` fills the first time. What an earlier attempt has left is removed.
 *
 * @param name with the version, so that another version is another folder
 */
export async function cached(cache: string, name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(cache, name);
  if (!existsSync(join(folder, 'complete'))) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await fill(folder);
    await writeFile(join(folder, 'complete'), '');
  }
  return folder;
}
