import type { StreamSpec } from '../engine';
import { rootFor } from '../topics';
import type { ConnectionClient } from '../connection/client';
import type { SharedStream } from '../connection/shared-stream';
import { getOrSet } from '../utils/get-or-set';
import { waitUntil } from '../connection/wait-until';

/**
 * How long topics are collected, in milliseconds. Retained messages arrive at once, live ones when they are published.
 */
export const COLLECT_MS = 2_000;

/** The number of topics that are collected. */
const MAX_TOPICS = 2_000;

/** The time until topics are searched again for a stream, in milliseconds, however often its panel is refreshed. */
const REPEAT_MS = 30_000;

/** For each connection, the filters that its broker refused or disconnected for: they are not subscribed to again. */
const refusedRoots = new WeakMap<ConnectionClient, Set<string>>();

/**
 * Searches for topics near the filters of a stream without messages, and stores them in the stream. Only while somebody
 * edits the query, because everything below the root is sent over the connection meanwhile.
 *
 * @param root the filter below which topics are searched for.
 * @param now milliseconds since the epoch.
 */
export async function findNearestTopics(
  connection: ConnectionClient,
  stream: SharedStream,
  root: string,
  now: number
): Promise<void> {
  if (now - stream.nearestSearchedAt < REPEAT_MS) {
    return;
  }
  stream.nearestSearchedAt = now;
  const { filters } = stream.spec;
  const roots = new Set(filters.map((filter) => rootFor(filter, root)).filter((below) => below !== undefined));
  const found = await Promise.all(
    [...roots].map(async (below) =>
      connection.nearest(
        filters.filter((filter) => rootFor(filter, root) === below),
        await topicsBelow(connection, below)
      )
    )
  );
  stream.nearest = found.flat();
  stream.changed();
}

/** The topics that have a message while topics are collected. Searches at the same time share one stream. */
async function topicsBelow(connection: ConnectionClient, root: string): Promise<string[]> {
  const refused = getOrSet(refusedRoots, connection, () => new Set());
  if (refused.has(root)) {
    return [];
  }
  const spec: StreamSpec = { filters: [root], qos: 0, format: 'topics', pendingRows: 1, maxSeries: MAX_TOPICS };
  const stream = connection.join(spec);
  try {
    await waitUntil(
      stream,
      connection,
      () => stream.refused.length > 0 || stream.series.length >= MAX_TOPICS,
      COLLECT_MS
    );
    if (stream.refused.length > 0 || connection.status.state !== 'connected') {
      refused.add(root);
    }
    return stream.series.map(({ topic }) => topic);
  } finally {
    connection.leave(stream, 0, 0);
  }
}
