import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIntervalReader } from '../time/interval';
import { createTimeReader } from '../time/times';
import { parsePath } from '../paths';
import { checkRowMapping } from './check-mapping';

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const format = fc.oneof(
  fc.constantFrom(
    '',
    'min',
    's',
    'ms',
    'us',
    'ns',
    'iso',
    'excel',
    'YYYY-MM-DD',
    '[at] HH:mm',
    '[HH]',
    'foo!',
    ' ',
    'q'
  ),
  fc.string({ maxLength: 12 })
);
const zone = fc.oneof(
  fc.constantFrom('', 'UTC', 'utc', 'GMT', 'z', 'Z', 'Etc/UTC', 'Europe/Paris', 'Middle/Earth', ' ', '+02:00'),
  fc.string({ maxLength: 8 })
);
const path = fc.oneof(
  fc.constantFrom('', ' ', 'a', 'a.b', 'a[0]', '["x"]', 'a[', 'a..b', '["x]', '5', '1e3', ' 7 '),
  fc.string({ maxLength: 8 })
);

test('a time that passes the check can be read, and one that does not, cannot', () => {
  fc.assert(
    fc.property(format, zone, (format, zone) => {
      const fails = messageOf(() => createTimeReader(format, zone)) !== undefined;
      expect(messageOf(() => checkRowMapping({ time: { from: 'auto', format, zone } })) !== undefined).toBe(fails);
    }),
    { numRuns: 2_000 }
  );
});

test('so it is with paths and intervals', () => {
  fc.assert(
    fc.property(path, (path) => {
      const asPath = path.trim() === '' ? undefined : messageOf(() => parsePath(path));
      const asInterval = path.trim() === '' ? undefined : messageOf(() => createIntervalReader(path));
      expect(messageOf(() => checkRowMapping({ rows: path }))).toBe(asPath);
      expect(messageOf(() => checkRowMapping({ fields: [{ path }] }))).toBe(asPath);
      expect(messageOf(() => checkRowMapping({ labels: [{ path }] }))).toBe(asPath);
      expect(messageOf(() => checkRowMapping({ labels: [{ path, from: 'property' }] }))).toBeUndefined();
      expect(messageOf(() => checkRowMapping({ time: { from: 'path', path } }))).toBe(messageOf(() => parsePath(path)));
      expect(messageOf(() => checkRowMapping({ time: { path } }))).toBeUndefined();
      expect(messageOf(() => checkRowMapping({ time: { interval: path } }))).toBe(asInterval);
    }),
    { numRuns: 1_000 }
  );
});
