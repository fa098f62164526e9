import type { SeenPayload } from '../engine/protocol';
import type { QueryReport, ReportedPayload } from '../types';
import type { LiveStream } from './stream';

/** What the query editor is told of a stream's messages. */
export function reportOf({ stats, sample }: LiveStream): QueryReport {
  const { messages, failed, firstFailure, lastFailure } = stats;
  return {
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

function payload({ topic, bytes, length }: SeenPayload): ReportedPayload {
  return { topic, hex: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''), length };
}
