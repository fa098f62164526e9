import type { DataQueryResponse } from '@grafana/data';
import { launchEngine } from '../../../src/connection/launch';
import type { Recording } from '../../../src/connection/recording';
import { openPanel, WatchedConnection } from '../../panel';
import { ALL_TOPICS, TOPICS } from '../messages';
import type { Client } from './client';
import { Meter } from './meter';

/** The settings' defaults. */
export const STORED: Recording = {
  bytes: 16_000_000,
  ageMs: 366 * 86_400_000,
  storage: { name: 'bench', owner: 'bench', ageMs: 900_000 },
};

/** The plugin's own engine in its Worker, and one panel for all topics. */
export function openOurs(url: string): Promise<Client> {
  return open(url, [ALL_TOPICS]);
}

/** The same with four panels, one topic each. */
export function openPanels(url: string): Promise<Client> {
  return open(url, TOPICS);
}

/** The same while messages are stored, in memory and over a reload. */
export function openPanelsStored(url: string): Promise<Client> {
  return open(url, TOPICS, undefined, undefined, STORED);
}

/** One panel for all topics, while messages are stored in memory and over a reload. */
export function openStored(url: string): Promise<Client> {
  return open(url, [ALL_TOPICS], undefined, undefined, STORED);
}

export interface Stamped extends Client {
  /** The age of each message in the first response that has it, in milliseconds. */
  ages(): number[];
}

/** One panel. @param intervalMs see `openPanel`. */
export async function openStamped(url: string, intervalMs?: number, recording?: Recording): Promise<Stamped> {
  const ages: number[] = [];
  let newest = 0;
  const read = ({ data }: DataQueryResponse): void => {
    const now = performance.timeOrigin + performance.now();
    const sent = ((data[0]?.fields[1]?.values ?? []) as number[]).filter((time) => time > newest);
    ages.push(...sent.map((time) => now - time));
    newest = Math.max(newest, ...sent);
  };
  const client = await open(url, [TOPICS[0]], read, intervalMs, recording);
  return { ...client, ages: () => ages };
}

/** The same while messages are stored, in memory and over a reload. */
export function openStampedStored(url: string, intervalMs?: number): Promise<Stamped> {
  return openStamped(url, intervalMs, STORED);
}

async function open(
  url: string,
  topics: readonly string[],
  read: (packet: DataQueryResponse) => void = () => undefined,
  intervalMs?: number,
  recording?: Recording
): Promise<Client> {
  const meter = new Meter();
  const connection = new WatchedConnection(url, () => launchEngine(new URL('engine.js', location.href).href));
  connection.record(recording);
  let packets = 0;
  for (const topic of topics) {
    openPanel(
      connection,
      topic,
      (packet) => {
        packets++;
        read(packet);
      },
      intervalMs === undefined ? {} : { intervalMs }
    );
  }
  let rows = 0;
  for (const stream of connection.streams) {
    stream.onChange(() => {
      const now = connection.rows + connection.lost;
      meter.count(now - rows);
      rows = now;
    });
  }
  while (!connection.streams.every((stream) => stream.granted)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (connection.engine?.runsIn !== 'worker') {
    throw new Error(`The engine does not run in a Worker: ${connection.engine?.reason ?? 'it did not start'}`);
  }
  return {
    meter,
    lost: () => connection.lost,
    packets: () => packets,
  };
}
