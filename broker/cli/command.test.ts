import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { stopOnSignal } from './command';
import { createLogger } from './log';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const before = SIGNALS.map((signal) => process.listeners(signal));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  for (const [i, signal] of SIGNALS.entries()) {
    process.listeners(signal).forEach((each) => !before[i].includes(each) && process.off(signal, each));
  }
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('Ctrl-C that the terminal sends and npm passes on is one signal; a later one forces the exit', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const close = vi.fn(() => new Promise<void>(() => {}));
  stopOnSignal(
    createLogger({ level: 'info', format: 'json' }, () => undefined),
    close
  );
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(3);
  process.emit('SIGINT', 'SIGINT');
  expect(close).toHaveBeenCalledOnce();
  expect(exit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(600);
  process.emit('SIGTERM', 'SIGTERM');
  expect(exit).toHaveBeenCalledWith(130);
  expect(close).toHaveBeenCalledOnce();
});
