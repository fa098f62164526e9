import { expect, test, vi } from 'vitest';
import { createLogger, prettyLine } from './log';
import { createLogLimit } from './log-limit';

function lines(
  format: 'json' | 'pretty',
  level: 'info' | 'warn' = 'info'
): { log: ReturnType<typeof createLogger>; out: string[] } {
  const out: string[] = [];
  return { log: createLogger({ level, format }, (text) => out.push(text)), out };
}

test('JSON: one object a line, with the time and what goes with it', () => {
  const { log, out } = lines('json', 'warn');
  log.info('not this');
  log.warn({ client: 'tab-1' }, 'Dropped');
  expect(out).toHaveLength(1);
  expect(JSON.parse(out[0])).toEqual({
    level: 40,
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    client: 'tab-1',
    msg: 'Dropped',
  });
});

test('pretty: one line for people; nothing from the wire steers the terminal', () => {
  const { log, out } = lines('pretty');
  log.warn({ client: 'a b\u001b[2J', listener: 'ws' }, 'Dropped\nor not');
  expect(out[0]).toMatch(/^\d\d:\d\d:\d\d WARN  Dropped\\x0aor not \(client="a b\\u001b\[2J" listener=ws\)\n$/);
  log.error(new Error('boom'));
  expect(out[1]).toMatch(/^\d\d:\d\d:\d\d ERROR boom\nError: boom\n\s+at /);
  expect(prettyLine('{"level":35,"time":"2026-01-02T03:04:05.000Z"}')).toBe('03:04:05 35    \n');
});

test('the lines that clients cause are limited per second', () => {
  vi.useFakeTimers();
  const skipped: number[] = [];
  const may = createLogLimit((count) => skipped.push(count), 3);
  expect(Array.from({ length: 5 }, may)).toEqual([true, true, true, false, false]);
  vi.advanceTimersByTime(1_000);
  expect(skipped).toEqual([2]);
  expect(may()).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(skipped).toEqual([2]);
  vi.useRealTimers();
});
