import type { DataQueryResponse, DataSourceInstanceSettings } from '@grafana/data';
import type { StreamSpec } from '../src/engine';
import { ConnectionClient, type ConnectionClientDeps } from '../src/connection/client';
import { run } from '../src/query/run';
import { connectionOptions } from '../src/connection/settings';
import type { SharedStream } from '../src/connection/shared-stream';
import { request } from '../src/testing/test-request';
import { MAX_ROWS, type MqttOptions, type MqttQuery } from '../src/types';

/** A connection of a data source that has only a URL, with access to its streams. */
export class WatchedConnection extends ConnectionClient {
  readonly #streams = new Set<SharedStream>();

  /** MQTT 3.1.1, which all brokers and senders here use. */
  constructor(url: string, launch: ConnectionClientDeps['launch']) {
    const settings: Partial<DataSourceInstanceSettings<MqttOptions>> = { url, access: 'direct', jsonData: {} };
    const page = { protocol: 'http:', host: 'bench', appSubUrl: '' };
    const options = connectionOptions(settings as DataSourceInstanceSettings<MqttOptions>, page);
    const deps = { launch, now: () => Date.now(), tabId: () => Promise.resolve('bench') };
    super({ ...options, protocolVersion: 4 }, deps, () => undefined);
  }

  get streams(): readonly SharedStream[] {
    return [...this.#streams];
  }

  /** Rows that were dropped before they reached a frame, and messages that did not decode. */
  get lost(): number {
    return this.streams.reduce((sum, { stats }) => sum + stats.droppedRows + stats.failed, 0);
  }

  /** Rows that have reached the frames. */
  get rows(): number {
    let rows = 0;
    for (const { series } of this.#streams) {
      for (const { frame } of series) {
        rows += frame.length + frame.evicted;
      }
    }
    return rows;
  }

  override join(spec: StreamSpec): SharedStream {
    const stream = super.join(spec);
    this.#streams.add(stream);
    return stream;
  }
}

/**
 * A panel with the last five minutes of a topic filter, in a visible page.
 *
 * @param intervalMs what Grafana suggests for the panel. Default: the shortest tick.
 */
export function openPanel(
  connection: ConnectionClient,
  topic: string,
  next: (packet: DataQueryResponse) => void,
  {
    keepRows,
    intervalMs,
    query,
    maxSeries,
  }: { keepRows?: number; intervalMs?: number; query?: Partial<MqttQuery>; maxSeries?: number } = {}
): void {
  const keep = keepRows === undefined ? undefined : { keep: { rows: keepRows } };
  run(request([{ topic, ...keep, ...query }], intervalMs === undefined ? {} : { intervalMs }), {
    uid: 'bench',
    connect: () => connection,
    replace: (text) => text,
    now: () => Date.now(),
    ...(maxSeries === undefined ? undefined : { limits: { maxRows: MAX_ROWS, maxSeries } }),
    visibility: { hidden: () => false, onShown: () => () => undefined },
  }).subscribe(next);
}
