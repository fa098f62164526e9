import type { DataQueryResponse } from '@grafana/data';
import { launchEngine } from '../../../src/connection/launch';
import type { FrameShape } from '../../../src/frames';
import { openPanel, WatchedConnection } from '../../panel';

/** Panels under `#`, and the limit of the series of their data source. */
export interface Devices {
  readonly devices: number;
  /** What Grafana suggests for the panels, in milliseconds. */
  readonly intervalMs: number;
  readonly shapes: readonly FrameShape[];
}

export interface DevicesState {
  /** Milliseconds of the page's clock. */
  readonly at: number;
  /** Responses to all panels. */
  readonly responses: number;
  /** Rows of the last response to each panel. */
  readonly rows: readonly number[];
  /** Rows that were handed to frames, of all panels that do not share a stream. */
  readonly received: number;
  readonly streams: number;
  readonly lost: number;
}

/**
 * Opens the panels.
 *
 * @returns what has come, counted only when it is called: a count at each batch would be work of the page.
 */
export async function openDevices(url: string, { devices, intervalMs, shapes }: Devices): Promise<() => DevicesState> {
  const connection = new WatchedConnection(url, () => launchEngine(new URL('engine.js', location.href).href));
  const rows = shapes.map(() => 0);
  let responses = 0;
  shapes.forEach((shape, panel) => {
    const read = ({ data }: DataQueryResponse): void => {
      responses++;
      rows[panel] = (data as Array<{ length: number }>).reduce((sum, { length }) => sum + length, 0);
    };
    openPanel(connection, '#', read, { intervalMs, maxSeries: devices, query: { shape } });
  });
  while (!connection.streams.every((stream) => stream.granted)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return () => ({
    at: performance.now(),
    responses,
    rows: [...rows],
    received: connection.rows,
    streams: new Set(connection.streams).size,
    lost: connection.lost,
  });
}
