import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FlowControl } from './flow-control';

let sendAck: ReturnType<typeof vi.fn<() => void>>;
let flow: FlowControl;

beforeEach(() => {
  vi.useFakeTimers();
  sendAck = vi.fn<() => void>();
  flow = new FlowControl(sendAck);
});
afterEach(() => {
  vi.useRealTimers();
});

test('acknowledges at once when nothing defers it', () => {
  flow.ack();
  expect(sendAck).toHaveBeenCalledTimes(1);
});

test('acknowledges at the latest of the times that panels ask for', () => {
  const now = performance.now();
  flow.deferAckUntil(now + 80);
  flow.deferAckUntil(now + 40);
  flow.ack();
  vi.advanceTimersByTime(79);
  expect(sendAck).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(sendAck).toHaveBeenCalledTimes(1);
});

test('a time that has passed defers nothing', () => {
  flow.deferAckUntil(performance.now() + 10);
  vi.advanceTimersByTime(20);
  flow.ack();
  expect(sendAck).toHaveBeenCalledTimes(1);
});
