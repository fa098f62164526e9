import { dateTime, type DataQueryResponse, LoadingState } from '@grafana/data';
import { launchEngine } from '../../../src/connection/launch';
import { run } from '../../../src/query/run';
import { request } from '../../../src/testing/test-request';
import { WatchedConnection } from '../../panel';

/** A time range that a historian has. */
export interface PastOrder {
  readonly topic: string;
  /** Panels, each with a query of its own. */
  readonly panels: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Opens panels on a time range that has ended, over a connection that stands.
 *
 * @returns milliseconds until all have all rows, and the rows of one.
 */
export async function openPast(
  url: string,
  { topic, panels, from, to }: PastOrder
): Promise<{ ms: number; rows: number }> {
  const connection = new WatchedConnection(url, () => launchEngine(new URL('engine.js', location.href).href));
  connection.record({ bytes: 256_000_000, ageMs: Infinity, historian: 'history' });
  connection.hold();
  while (connection.status.state !== 'connected') {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const began = performance.now();
  const raw = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const range = { from: dateTime(from), to: dateTime(to), raw };
  await Promise.all(
    Array.from(
      { length: panels },
      (_, panel) =>
        new Promise<void>((resolve, reject) => {
          const fields = [{ path: 'v', name: `panel ${panel}` }];
          run(request([{ topic, fields }], { range, rangeRaw: raw }), {
            uid: 'bench',
            connect: () => connection,
            replace: (text) => text,
            now: () => Date.now(),
            visibility: { hidden: () => false, onShown: () => () => undefined },
          }).subscribe({
            next: ({ state }: DataQueryResponse) => {
              if (state === LoadingState.Done) {
                resolve();
              }
            },
            error: reject,
          });
        })
    )
  );
  return { ms: performance.now() - began, rows: connection.rows / panels };
}
