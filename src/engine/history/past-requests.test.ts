import { expect, test, vi } from 'vitest';
import type { HistorianClient } from './historian-client';
import { PastRequests } from './past-requests';

test('a stream that closes cancels each request that was made for it alone', async () => {
  vi.useFakeTimers();
  const cancelled: string[][] = [];
  const request = (filters: readonly string[]) => ({
    result: new Promise(() => undefined),
    cancel: () => cancelled.push([...filters]),
  });
  const requests = new PastRequests({ request, lookAgain: () => undefined } as unknown as HistorianClient, {
    receive: () => ({ onPart: () => undefined, end: () => Promise.resolve(true) }),
    onStatus: () => undefined,
  });
  const filters = Array.from({ length: 25 }, (_, n) => `f/${n}`);
  requests.request(1, filters, { from: 0, to: 10_000 });
  requests.start();
  await vi.advanceTimersByTimeAsync(100);
  requests.close(1);
  expect(cancelled).toEqual([filters.slice(0, 20), filters.slice(20)]);
  vi.useRealTimers();
});
