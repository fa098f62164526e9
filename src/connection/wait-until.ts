import type { ConnectionClient } from './client';
import type { SharedStream } from './shared-stream';

/** @returns whether it came to be within the time, and with the connection still there. */
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
