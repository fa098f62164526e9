import { unwatchFile, watchFile } from 'node:fs';

/** Polling interval, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Calls back when one of the files changes: written, replaced by a rename, or replaced by a symbolic link with another
 * target, as Kubernetes does. Returns a function that stops watching. The timers do not keep the process alive.
 */
export function watchFiles(paths: readonly string[], onChange: () => void, interval = INTERVAL): () => void {
  for (const path of paths) {
    watchFile(path, { interval, persistent: false }, onChange);
  }
  return () => {
    for (const path of paths) {
      unwatchFile(path, onChange);
    }
  };
}
