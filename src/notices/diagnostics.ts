import type { PayloadSample, StreamFailure } from '../engine/protocol';
import type { QueryDiagnostics, ConnectionDiagnostics, PayloadDiagnostics } from '../types';
import type { ConnectionClient } from '../connection/client';
import { connectionNotices } from './connection';
import type { SharedStream } from '../connection/shared-stream';
import { storageText } from './storage';
import type { NoticeClock } from './time-text';

type DiagnosableConnection = Pick<ConnectionClient, 'status' | 'engine' | 'options' | 'storage'>;

/** The diagnostics of a stream for the query editor: samples of its messages, and problems of the query. */
export function queryDiagnostics({ stats, sample, nearest }: SharedStream, problems: string[]): QueryDiagnostics {
  const { missing, messages, failed, firstFailure, lastFailure, partial, lastProblem } = stats;
  return {
    ...(problems.length === 0 ? undefined : { problems }),
    ...(nearest.length === 0 || stats.messages > 0
      ? undefined
      : { nearest: nearest.map(({ filter, topics }) => ({ filter, topics: [...topics] })) }),
    ...(missing === undefined ? undefined : { missing }),
    messages,
    failed,
    ...(firstFailure === undefined ? undefined : { firstFailure: failure(firstFailure) }),
    ...(lastFailure === undefined ? undefined : { lastFailure: failure(lastFailure) }),
    ...(lastProblem === undefined ? undefined : { partial, lastProblem: failure(lastProblem) }),
    ...(sample === undefined ? undefined : { sample: payload(sample) }),
  };
}

/** The state of the connection, for the query editor. */
export function connectionDiagnostics(
  { status, engine, options, storage }: DiagnosableConnection,
  clock: NoticeClock
): ConnectionDiagnostics {
  const [notice] = connectionNotices(status, options.url, clock);
  const error = 'error' in status ? status.error : undefined;
  const unstored = storageText(storage);
  return {
    state: status.state,
    since: status.since,
    ...(status.state === 'connected' ? { protocol: status.protocolVersion === 5 ? '5' : '3.1.1' } : undefined),
    ...(engine?.runsIn === 'page' ? { inPage: engine.reason ?? '' } : undefined),
    ...(unstored === undefined ? undefined : { storage: unstored }),
    ...(error === undefined
      ? undefined
      : { error: { message: notice?.text ?? error.message, details: error.details } }),
  };
}

function failure(message: StreamFailure): PayloadDiagnostics & { reason: string } {
  return { ...payload(message), reason: message.reason };
}

function payload({ topic, bytes, length, retained }: PayloadSample): PayloadDiagnostics {
  return { topic, hex: hexOf(bytes), length, ...(retained === true ? { retained } : undefined) };
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The hex digits of samples, which every response has again. */
const hexByBytes = new WeakMap<Uint8Array, string>();

function hexOf(bytes: Uint8Array): string {
  let hex = hexByBytes.get(bytes);
  if (hex === undefined) {
    hex = '';
    for (const byte of bytes) {
      hex += PAIRS[byte];
    }
    hexByBytes.set(bytes, hex);
  }
  return hex;
}
