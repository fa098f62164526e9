import type { SeenPayload, StreamFailure } from '../engine/protocol';
import type { MappingChoice, QueryReport, ReportedConnection, ReportedPayload } from '../types';
import type { LiveConnection } from '../connection/client';
import { connectionNotices } from './connection';
import type { LiveStream } from '../connection/shared-stream';

type ReportableConnection = Pick<LiveConnection, 'status' | 'engine' | 'options'>;

/**
 * What the query editor is told of a stream's messages, of what is wrong with its query, and of the value mappings that
 * it could have.
 */
export function reportOf(
  { stats, sample, nearest }: LiveStream,
  problems: string[],
  mappings: MappingChoice[] = []
): QueryReport {
  const { messages, failed, firstFailure, lastFailure, partial, lastProblem } = stats;
  return {
    ...(problems.length === 0 ? undefined : { problems }),
    ...(nearest.length === 0 || stats.messages > 0
      ? undefined
      : { nearest: nearest.map(({ filter, topics }) => ({ filter, topics: [...topics] })) }),
    ...(mappings.length === 0 ? undefined : { mappings }),
    messages,
    failed,
    ...(firstFailure === undefined ? undefined : { firstFailure: failure(firstFailure) }),
    ...(lastFailure === undefined ? undefined : { lastFailure: failure(lastFailure) }),
    ...(lastProblem === undefined ? undefined : { partial, lastProblem: failure(lastProblem) }),
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

function failure(message: StreamFailure): ReportedPayload & { reason: string } {
  return { ...payload(message), reason: message.reason };
}

function payload({ topic, bytes, length }: SeenPayload): ReportedPayload {
  return { topic, hex: hexOf(bytes), length };
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The digits of bytes that each packet tells of: what has them keeps them, so that they are worked out once. */
const known = new WeakMap<Uint8Array, string>();

function hexOf(bytes: Uint8Array): string {
  let hex = known.get(bytes);
  if (hex === undefined) {
    hex = '';
    for (const byte of bytes) {
      hex += PAIRS[byte];
    }
    known.set(bytes, hex);
  }
  return hex;
}
