import { access, constants, stat } from 'node:fs/promises';
import { BrokerError, describeFileError } from '../errors';
import type { Setting } from './settings';

/** The given values by the path of their setting, each with its source for error messages. */
export type Given = Map<string, { value: unknown; source: string }>;

/**
 * Checks that the files of a configuration can be read, before the broker starts.
 *
 * @throws BrokerError `E_CONFIG` that begins with the source of the setting, and names the command that creates the file
 */
export async function requireFiles(given: Given, settings: readonly Setting[]): Promise<void> {
  for (const { path, mustExist, createWith } of settings) {
    const { value, source } = given.get(path) ?? {};
    if (mustExist && typeof value === 'string' && !/^https?:/.test(value)) {
      try {
        await access(value, constants.R_OK);
        if ((await stat(value)).isDirectory()) {
          throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
        }
      } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        const hint = isMissing && createWith ? `. To create it: ${createWith(value)}` : '';
        throw new BrokerError('E_CONFIG', `${source}: ${describeFileError(value, error)}${hint}`, { cause: error });
      }
    }
  }
}
