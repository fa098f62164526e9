import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BatchFlow } from './batch-flow';
import { emptyStats, type StreamBatch } from './protocol';
import { SLOW_TICK_MS, TICK_MS } from './tick';

const NOTHING: StreamBatch = { stream: 1, replayed: true, chunks: [], stats: emptyStats() };
const MESSAGES: StreamBatch = { stream: 1, chunks: [], stats: { ...emptyStats(), messages: 1 } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function send(flow: BatchFlow, messages: number, ...streams: StreamBatch[]): void {
  for (let i = 0; i < messages; i++) {
    flow.add();
  }
  flow.take();
  flow.sent(streams);
}

test.each([
  { messages: 1, tick: SLOW_TICK_MS },
  { messages: 100, tick: TICK_MS },
])('after a batch of $messages messages, the next one is due $tick ms after the page has taken it', (row) => {
  const flow = new BatchFlow();
  expect(flow.waitMs).toBe(0);
  send(flow, row.messages, MESSAGES);
  expect(flow.waitMs).toBeUndefined();
  vi.advanceTimersByTime(1_000);
  flow.acknowledged();
  expect(flow.waitMs).toBe(row.tick);
  vi.advanceTimersByTime(row.tick + 10);
  expect(flow.waitMs).toBe(0);
});

test('what comes first does not wait for a batch that says that there is nothing of the past', () => {
  const flow = new BatchFlow();
  send(flow, 1, NOTHING, NOTHING);
  expect(flow.waitMs).toBe(0);
  send(flow, 1, MESSAGES);
  expect(flow.waitMs).toBeUndefined();
  flow.acknowledged();
  expect(flow.waitMs).toBeUndefined();
  flow.acknowledged();
  expect(flow.waitMs).toBe(SLOW_TICK_MS);
});

test.each([
  ['messages of another stream', [NOTHING, MESSAGES]],
  ['ignored messages, of which many may come', [{ ...NOTHING, replayed: undefined }]],
] as ReadonlyArray<[string, StreamBatch[]]>)('a batch with %s is one like any other', (_, streams) => {
  const flow = new BatchFlow();
  send(flow, 1, ...streams);
  expect(flow.waitMs).toBeUndefined();
});

test('there is room for four batches that the page does not take', () => {
  const flow = new BatchFlow();
  send(flow, 1, NOTHING);
  for (let i = 0; i < 4; i++) {
    expect(flow.hasRoom).toBe(true);
    send(flow, 1, MESSAGES);
  }
  expect(flow.hasRoom).toBe(false);
  flow.acknowledged();
  expect(flow.hasRoom).toBe(false);
  flow.acknowledged();
  expect(flow.hasRoom).toBe(true);
});
