import { afterEach, describe, expect, test, vi } from 'vitest';
import type { HistorianClient } from './historian-client';
import type { HistoryResult } from './history-request';
import { PastRequests } from './past-requests';
import type { Span } from './spans';

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

describe('while a request has no answer', () => {
  interface Sent {
    readonly filters: readonly string[];
    readonly span: Span;
    end(result: HistoryResult): void;
  }

  function start() {
    vi.useFakeTimers();
    const sent: Sent[] = [];
    const client = {
      request: (filters: readonly string[], span: Span) => ({
        result: new Promise<HistoryResult>((end) => sent.push({ filters, span, end })),
        cancel: () => undefined,
      }),
      lookAgain: () => undefined,
      stop: () => undefined,
    };
    const requests = new PastRequests(client, {
      receive: () => ({ onPart: () => undefined, end: () => Promise.resolve(true) }),
      onStatus: () => undefined,
    });
    requests.start();
    return { sent, requests };
  }

  afterEach(() => {
    vi.useRealTimers();
  });

  const SPAN = { from: 0, to: Infinity };
  const soon = () => vi.advanceTimersByTimeAsync(100);

  test('a stream that opens sends its own', async () => {
    const { sent, requests } = start();
    requests.request(1, ['t'], SPAN);
    await soon();
    sent[0].end({ state: 'none', until: 'announced' });
    await soon();
    requests.close(1);
    requests.request(2, ['t'], SPAN);
    await soon();
    expect(sent.map(({ filters }) => filters)).toEqual([['t'], ['t']]);
  });

  test('a panel that refreshes sends one when the historian is back', async () => {
    const { sent, requests } = start();
    for (let n = 0; n < 5; n++) {
      requests.request(1, ['t'], { from: n * 30_000, to: Infinity });
      await soon();
      sent.at(-1)!.end({ state: 'none', until: 'announced' });
      await soon();
    }
    sent.length = 0;
    requests.lookAgain();
    await soon();
    expect(sent).toHaveLength(1);
    sent[0].end({ state: 'done', truncated: false, userProperties: true });
    await soon();
    requests.lookAgain();
    await soon();
    expect(sent).toHaveLength(1);
  });

  test('an announcement that comes while the answer is worked off is not forgotten', async () => {
    const { sent, requests } = start();
    requests.request(1, ['t'], SPAN);
    await soon();
    requests.lookAgain();
    sent[0].end({ state: 'none', until: 'announced' });
    await soon();
    expect(sent).toHaveLength(2);
  });

  test('nothing is sent after the end', async () => {
    const { sent, requests } = start();
    requests.request(1, ['t'], SPAN);
    await soon();
    requests.stop();
    sent[0].end({ state: 'failed', reason: 'the connection ends' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(1);
  });
});
