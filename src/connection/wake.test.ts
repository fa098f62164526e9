import { expect, test, vi } from 'vitest';
import { onWake } from './wake';

test('calls when a page that may have slept is awake, and at nothing else', () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { hidden: false });
  const wake = vi.fn<() => void>();
  onWake(window, document, wake);
  const calls = (target: EventTarget, event: Event): number => {
    wake.mockClear();
    target.dispatchEvent(event);
    return wake.mock.calls.length;
  };
  expect(calls(window, new Event('online'))).toBe(1);
  expect(calls(document, new Event('resume'))).toBe(1);
  expect(calls(window, Object.assign(new Event('pageshow'), { persisted: true }))).toBe(1);
  expect(calls(window, Object.assign(new Event('pageshow'), { persisted: false }))).toBe(0);
  expect(calls(document, new Event('visibilitychange'))).toBe(1);
  document.hidden = true;
  expect(calls(document, new Event('visibilitychange'))).toBe(0);
  expect(calls(window, new Event('offline'))).toBe(0);
});
