import type { StreamSpec } from '../engine';
import { rootFor } from '../topics';
import type { ConnectionClient } from '../connection/client';
import type { SharedStream } from '../connection/shared-stream';
import { waitUntil } from '../connection/wait-until';

/** How long topics are collected, in milliseconds: retained messages come at once, live ones as they come. */
const LOOK_MS = 2_000;

/** Topics that are collected at the most. */
const MAX_TOPICS = 2_000;

/** A stream is not asked about again for this long, in milliseconds, however often its panel is refreshed. */
const AGAIN_MS = 30_000;

/** Of each connection the filters that its broker did not allow, or hung up on: they are not asked for again. */
const refusedRoots = new WeakMap<ConnectionClient, Set<string>>();

/**
 * Looks for topics near the filters of a stream that has brought nothing, and notes them on it. For as long as somebody
 * is writing the query: everything below the root passes over the connection meanwhile.
 *
 * @param root the filter below which topics are looked for.
 * @param now in milliseconds.
 */
export async function findNearestTopics(
  connection: ConnectionClient,
  stream: SharedStream,
  root: string,
  now: number
): Promise<void> {
  if (now - stream.nearestSearchedAt < AGAIN_MS) {
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

/** Topics with messages, among those that come in a short while. Streams that look at the same time share the answer. */
async function topicsBelow(connection: ConnectionClient, root: string): Promise<string[]> {
  const refused = refusedRoots.get(connection) ?? new Set();
  refusedRoots.set(connection, refused);
  if (refused.has(root)) {
    return [];
  }
  const spec: StreamSpec = { filters: [root], qos: 0, format: 'topics', pendingRows: 1, maxSeries: MAX_TOPICS };
  const stream = connection.join(spec);
  try {
    await waitUntil(stream, connection, () => stream.refused.length > 0 || stream.series.length >= MAX_TOPICS, LOOK_MS);
    if (stream.refused.length > 0 || connection.status.state !== 'connected') {
      refused.add(root);
    }
    return stream.series.map(({ topic }) => topic);
  } finally {
    connection.leave(stream, 0, 0);
  }
}
