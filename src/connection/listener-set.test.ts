import { expect, test, vi } from 'vitest';
import { ListenerSet } from './listener-set';

test('calls each listener once per change until it unsubscribes', () => {
  const set = new ListenerSet();
  const [a, b] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const { subscribe } = set;
  const stop = subscribe(a);
  subscribe(b);
  set.notify();
  stop();
  set.notify();
  expect(a).toHaveBeenCalledTimes(1);
  expect(b).toHaveBeenCalledTimes(2);
});

test('a listener may unsubscribe itself while it is called', () => {
  const set = new ListenerSet();
  const last = vi.fn<() => void>();
  const stop = set.subscribe(() => stop());
  set.subscribe(last);
  set.notify();
  set.notify();
  expect(last).toHaveBeenCalledTimes(2);
});
