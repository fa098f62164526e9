import type { DataQueryResponse } from '@grafana/data';
import { launchEngine } from '../../../src/connection/launch';
import { openPanel, WatchedConnection } from '../../panel';
import { ALL_TOPICS } from '../messages';
import { STORED } from './ours';

const MOST_MS = 30_000;

/**
 * Opens a panel as a page does that was loaded again.
 *
 * @param rows that were stored, of all series; 0 resolves with the first response.
 * @param isStored whether messages are stored over a reload.
 * @returns milliseconds to the first response that has all rows.
 * @throws {Error} if it does not come.
 */
export function openReload(url: string, rows: number, isStored: boolean): Promise<number> {
  const began = performance.now();
  const connection = new WatchedConnection(url, () => launchEngine(new URL('engine.js', location.href).href));
  connection.record(isStored ? STORED : undefined);
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${connection.rows} of ${rows} rows came back: ${JSON.stringify(connection.storage)}`)),
      MOST_MS
    );
    openPanel(
      connection,
      ALL_TOPICS,
      ({ data }: DataQueryResponse) => {
        if (data.length > 0 && connection.rows >= rows) {
          clearTimeout(late);
          resolve(performance.now() - began);
        }
      },
      rows === 0 ? {} : { keepRows: rows }
    );
  });
}
