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
    flow.add(TICK_MS);
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
  flow.add(TICK_MS);
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

test('what the page shows seldom waits for that, and goes along with what it shows often', () => {
  const flow = new BatchFlow();
  send(flow, 100, MESSAGES);
  flow.acknowledged();
  expect(flow.add(500)).toBe(true);
  expect(flow.waitMs).toBe(500);
  expect(flow.add(500)).toBe(false);
  expect(flow.add(TICK_MS)).toBe(true);
  expect(flow.waitMs).toBe(TICK_MS);
  expect(flow.shorten(500)).toBe(false);
  expect(flow.waitMs).toBe(TICK_MS);
});

test.each([
  { messages: 20, after: 500, tick: SLOW_TICK_MS, because: 'few for half a second' },
  { messages: 21, after: 500, tick: 500, because: 'many for half a second' },
  { messages: 20, after: SLOW_TICK_MS, tick: 500, because: 'many for the time since the last batch' },
  { messages: 21, after: 60_000, tick: 500, because: 'many at once, after a quiet minute' },
])('$messages messages after $after ms are $because', ({ messages, after, tick }) => {
  const flow = new BatchFlow();
  send(flow, 1, MESSAGES);
  flow.acknowledged();
  vi.advanceTimersByTime(after);
  for (let i = 0; i < messages; i++) {
    flow.add(500);
  }
  flow.take();
  flow.sent([MESSAGES]);
  flow.acknowledged();
  flow.add(500);
  expect(flow.waitMs).toBe(tick);
});
