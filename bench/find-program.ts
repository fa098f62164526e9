import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where daemons are, and an ordinary user's path does not lead. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin'];

/** The first of these programs that is installed. */
export async function findProgram(names: readonly string[]): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE_FOLDERS];
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = await Promise.all(
    candidates.map((file) =>
      access(file, constants.X_OK).then(
        () => true,
        () => false
      )
    )
  );
  return candidates.find((_, i) => found[i]);
}
