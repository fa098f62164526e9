import type { SharedStream } from '../connection/shared-stream';
import type { QueryCounts } from '../types';

/** The time over which messages are counted for a rate, in milliseconds. */
const RATE_MS = 30_000;

/** The counts of the last seconds, oldest first, for each stream that somebody looks at. */
const samples = new WeakMap<SharedStream, Array<{ readonly at: number; readonly messages: number }>>();

/** The counts of a stream. @param now milliseconds since the epoch. */
export function countsOf(stream: SharedStream, mode: QueryCounts['mode'], now: number): QueryCounts {
  const { series, stats, late, lastMessageAt, grantedQos } = stream;
  return {
    mode,
    rate: rateOf(stream, now),
    ...(lastMessageAt === undefined ? undefined : { age: Math.max(0, now - lastMessageAt) }),
    topics: new Set(series.map(({ topic }) => topic)).size,
    series: series.length,
    rows: series.reduce((sum, { frame }) => sum + frame.length, 0),
    dropped: stats.droppedRows + late,
    ...(grantedQos === undefined ? undefined : { grantedQos }),
  };
}

function rateOf(stream: SharedStream, now: number): number {
  const { liveMessages: messages } = stream;
  const recent = (samples.get(stream) ?? []).filter(({ at }) => at <= now && now - at <= RATE_MS);
  const [first] = recent;
  // A sample a second is enough: responses come ten times as often.
  if (recent.length === 0 || now - recent[recent.length - 1].at >= 1_000) {
    recent.push({ at: now, messages });
  }
  samples.set(stream, recent);
  return first === undefined || now - first.at < 1_000 ? 0 : ((messages - first.messages) * 1_000) / (now - first.at);
}
