import type { ConnectionClient } from './client';
import type { SharedStream } from './shared-stream';

/** Waits for a condition on a stream. @returns whether the condition was met in time and while connected. */
export function waitUntil(
  stream: SharedStream,
  connection: ConnectionClient,
  met: () => boolean,
  withinMs: number
): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(done, withinMs);
    const stop = stream.onChange(check);
    check();

    function check(): void {
      if (met() || connection.status.state !== 'connected') {
        done();
      }
    }
    function done(): void {
      clearTimeout(late);
      queueMicrotask(() => stop());
      resolve(met());
    }
  });
}
