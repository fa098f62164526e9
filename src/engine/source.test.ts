import { expect, test } from 'vitest';
import { Session } from './session-set';
import { type Source, SourceSet } from './source';
import type { Stream } from './stream';
import { WantedFilters } from './wanted-filters';

const LOST_AT = 1_000;

function sourceOf(filter: string, session: Session, id: number, qos: 0 | 1 = 0): Source {
  return {
    filter,
    isWide: filter.includes('+'),
    qos,
    id,
    session,
    isGranted: true,
    since: performance.now(),
    isLeaving: false,
    isProven: true,
  };
}

/** Since when a further session misses messages of `a/b`, while the first holds `a/+`. */
function missesSince(first: Partial<Session>, wanted: readonly string[] = ['a/+', 'a/b']): number {
  const [one, two] = [new Session(0, false), new Session(1, false)];
  Object.assign(one, first);
  const filters = new WantedFilters();
  filters.add({ spec: { filters: wanted, qos: 0 }, isRecorded: true } as unknown as Stream);
  const sources = new SourceSet();
  sources.add(sourceOf('a/+', one, 1));
  sources.add(sourceOf('a/b', two, 2));
  return sources.missesSince(two, LOST_AT, filters);
}

test('a session that was away misses nothing that another one has brought', () => {
  expect(missesSince({ isUp: true })).toBe(Infinity);
});

test('a session that was away misses what was published since another one was lost, too', () => {
  expect(missesSince({ isUp: false, lostAt: 5_000 })).toBe(5_000);
  expect(missesSince({ isUp: false, lostAt: 500 })).toBe(LOST_AT);
});

test('a session that was away misses all that no other one brings, and nothing that is not wanted', () => {
  expect(missesSince({ isUp: true }, ['c/+', 'a/b'])).toBe(LOST_AT);
  expect(missesSince({ isUp: true }, ['a/+'])).toBe(Infinity);
});

test('a session with a higher QoS that was away misses nothing that another one has brought with a lower QoS', () => {
  const [one, two] = [new Session(0, false), new Session(1, false)];
  const filters = new WantedFilters();
  for (const qos of [0, 1]) {
    filters.add({ spec: { filters: ['a/+'], qos }, isRecorded: true } as unknown as Stream);
  }
  const sources = new SourceSet();
  sources.add(sourceOf('a/+', one, 1));
  sources.add(sourceOf('a/+', two, 2, 1));
  Object.assign(one, { isUp: true });
  expect(sources.missesSince(two, LOST_AT, filters)).toBe(Infinity);
  Object.assign(one, { isUp: false, lostAt: 5_000 });
  expect(sources.missesSince(two, LOST_AT, filters)).toBe(5_000);
});
