import { expect, test } from 'vitest';
import { SPEC } from '../../testing/test-engine';
import { Stream } from '../stream';
import { BirthRequests } from './birth-requests';
import { Births, MAX_BIRTHS } from './births';
import type { HistoryResult, OnPart } from './history-request';
import type { HistoryMessage } from './history-response';
import type { Span } from './spans';

const NOW = 1_000_000;

interface Sent {
  readonly filters: readonly string[];
  readonly span: Span;
  readonly limit: number | undefined;
}

/** @param parts how many births each part of an endless response has. */
function historian(parts: number, oldestRestored?: number, filters = ['spBv1.0/G/#']) {
  const sent: Sent[] = [];
  const births = new Births();
  const stream = new Stream(1, { ...SPEC, filters });
  const counts = { cancelled: 0 };
  const requests = new BirthRequests({
    client: {
      request: (wanted, span, onPart: OnPart, limit) => {
        sent.push({ filters: wanted, span, limit });
        const state = { isCancelled: parts === 0 };
        const send = async (): Promise<HistoryResult> => {
          for (let part = 0; !state.isCancelled; part++) {
            const messages = Array.from({ length: parts }, (_, at): HistoryMessage => {
              const topic = `spBv1.0/G/DBIRTH/N/${part * parts + at}`;
              const fields = { retain: false, qos: 0, userProperties: undefined, epoch: 0, sequence: 0 } as const;
              return { topic, payload: new Uint8Array(1), time: NOW - part, ...fields };
            });
            const head = { progress: 0, isMarked: false, run: 'a', away: [], clock: { offsetMs: 0, uncertaintyMs: 0 } };
            onPart({ messages, ...head }, undefined, false);
            await Promise.resolve();
          }
          return { state: 'cancelled' };
        };
        const cancel = (): void => {
          state.isCancelled = true;
          counts.cancelled++;
        };
        return { result: send(), cancel };
      },
    },
    births,
    streams: () => [stream],
    oldestRestored: () => oldestRestored,
    now: () => NOW,
  });
  return { sent, births, stream, requests, counts };
}

const BIRTHS = ['spBv1.0/G/NBIRTH/+', 'spBv1.0/G/DBIRTH/+/+/#'];

test('the last birth of each topic before the range is requested', async () => {
  const { sent, requests } = historian(0);
  expect(await requests.request(['spBv1.0/G/#'], { from: 5_000, to: Infinity })).toBe(false);
  expect(sent).toEqual([{ filters: BIRTHS, span: { from: 0, to: 4_999 }, limit: 1 }]);
  await requests.request(['home/#'], { from: 5_000, to: Infinity });
  expect(sent).toHaveLength(1);
});

test('and before what was restored over a reload, if that is older', async () => {
  const { sent, requests } = historian(0, 2_000);
  await requests.request(['spBv1.0/G/#'], { from: 5_000, to: 9_000 });
  expect(sent.map(({ span }) => span)).toEqual([
    { from: 0, to: 4_999 },
    { from: 0, to: 1_999 },
  ]);
});

test('births that the query does not match are requested for the range, too', async () => {
  const filters = ['spBv1.0/G/DDATA/N/D', 'spBv1.0/G/NBIRTH/N'];
  const { sent, requests } = historian(0, undefined, filters);
  await requests.request(filters, { from: 5_000, to: Infinity });
  expect(sent).toEqual([
    { filters: ['spBv1.0/G/NBIRTH/N', 'spBv1.0/G/DBIRTH/N/D'], span: { from: 0, to: 4_999 }, limit: 1 },
    { filters: ['spBv1.0/G/DBIRTH/N/D'], span: { from: 5_000, to: NOW }, limit: 100 },
  ]);
});

test('a response with more births than there is room for is cancelled', async () => {
  const { births, stream, requests, counts } = historian(1_000);
  expect(await requests.request(['spBv1.0/G/#'], { from: 5_000, to: Infinity })).toBe(true);
  expect(counts.cancelled).toBe(1);
  let count = 0;
  for (const replay = births.replay(stream, { next: () => undefined }); replay.next() !== undefined;) {
    count++;
  }
  expect(count).toBe(MAX_BIRTHS);
});
