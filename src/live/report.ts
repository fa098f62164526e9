import type { SeenPayload } from '../engine/protocol';
import type { QueryReport, ReportedConnection, ReportedPayload } from '../types';
import type { LiveConnection } from './connection';
import { connectionNotices } from './connection-notices';
import type { LiveStream } from './stream';

type ReportableConnection = Pick<LiveConnection, 'status' | 'engine' | 'options'>;

/** What the query editor is told of a stream's messages, and of what is wrong with its query. */
export function reportOf({ stats, sample, nearest }: LiveStream, problems: string[]): QueryReport {
  const { messages, failed, firstFailure, lastFailure } = stats;
  return {
    ...(problems.length === 0 ? undefined : { problems }),
    ...(nearest.length === 0 || stats.messages > 0
      ? undefined
      : { nearest: nearest.map(({ filter, topics }) => ({ filter, topics: [...topics] })) }),
    messages,
    failed,
    ...(firstFailure === undefined
      ? undefined
      : { firstFailure: { ...payload(firstFailure), reason: firstFailure.reason } }),
    ...(lastFailure === undefined
      ? undefined
      : { lastFailure: { ...payload(lastFailure), reason: lastFailure.reason } }),
    ...(sample === undefined ? undefined : { sample: payload(sample) }),
  };
}

/** What the query editor is told of the connection. */
export function connectionReport({ status, engine, options }: ReportableConnection, now: number): ReportedConnection {
  const [notice] = connectionNotices(status, options.url, now);
  const fault = 'fault' in status ? status.fault : undefined;
  return {
    state: status.state,
    since: status.since,
    ...(status.state === 'connected' ? { protocol: status.protocolVersion === 5 ? '5' : '3.1.1' } : undefined),
    ...(engine?.runsIn === 'page' ? { inPage: engine.reason ?? '' } : undefined),
    ...(fault === undefined
      ? undefined
      : { fault: { message: notice?.text ?? fault.message, details: fault.details } }),
  };
}

function payload({ topic, bytes, length }: SeenPayload): ReportedPayload {
  return { topic, hex: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''), length };
}
