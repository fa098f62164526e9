import { unwatchFile, watchFile } from 'node:fs';

/** How often files are looked at, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Calls back when one of the files is another one than before, however it was replaced: written to, renamed over, or by
 * a link that points elsewhere, as Kubernetes does. Returns what stops it. Keeps no process alive.
 */
export function watchFiles(paths: readonly string[], changed: () => void, interval = INTERVAL): () => void {
  for (const path of paths) {
    watchFile(path, { interval, persistent: false }, changed);
  }
  return () => {
    for (const path of paths) {
      unwatchFile(path, changed);
    }
  };
}
