import { expect, test } from 'vitest';
import { asIncoming } from './history/message-segment';
import { Router, type Subscribed } from './router';
import { SPEC } from '../testing/test-engine';
import type { Session } from './session-set';
import type { Source } from './source';
import { Stream } from './stream';

function session(): Session {
  return { isUp: true, isKept: false, changedAt: 0 } as Session;
}

function source(filter: string, of: Session, over: Partial<Source> = {}): Source {
  return {
    filter,
    isWide: true,
    qos: 0,
    id: 1,
    session: of,
    isGranted: true,
    since: -Infinity,
    isLeaving: false,
    isProven: true,
    ...over,
  };
}

function plan(sources: readonly Source[]): Subscribed {
  return {
    matching: () => sources,
    isRefused: () => false,
  };
}

const message = (topic: string, value: number) =>
  asIncoming({
    topic,
    payload: new TextEncoder().encode(String(value)),
    qos: 0,
    userProperties: undefined,
    retain: false,
  });

test('of more topics than are remembered, the oldest are planned again, and none that several sessions bring', () => {
  const [first, second] = [session(), session()];
  const two = [source('two/#', first), source('#', second)];
  const router = new Router(
    {
      matching: (topic) => (topic.startsWith('two/') ? two : [two[1]]),
      isRefused: () => false,
    },
    () => undefined,
    100
  );
  router.add(new Stream(1, { ...SPEC, filters: ['#'] }, undefined, false));
  const shared = router.route('two/a', first);
  const routes = Array.from({ length: 99 }, (_, n) => router.route(`one/${n}`, second));
  expect(routes.every((route, n) => router.route(`one/${n}`) === route)).toBe(true);
  router.route('one/99');
  expect(router.route('two/a')).toBe(shared);
  expect(router.route('one/50')).toBe(routes[50]);
  expect(router.route('one/0')).not.toBe(routes[0]);
});

test('a topic that moves is not forgotten', () => {
  const [first, second] = [session(), session()];
  const leaving = source('#', first, { isLeaving: true });
  const router = new Router(plan([leaving, source('+/#', second, { id: 2 })]), () => undefined, 10);
  router.add(new Stream(1, { ...SPEC, filters: ['#'] }, undefined, false));
  const moving = router.route('a', first);
  expect(router.takes(moving, first, message('a', 1))).toBe(true);
  router.onChange();
  router.route('a', first);
  expect(moving.move).toBeDefined();
  for (let n = 0; n < 30; n++) {
    router.route(`b/${n}`, first);
  }
  expect(router.route('a')).toBe(moving);
});

test('a topic that was forgotten has its retained message again', () => {
  const stored = {
    topic: 'a',
    payload: new Uint8Array(),
    qos: 0 as const,
    userProperties: undefined,
    isStored: true,
  };
  const router = new Router(plan([source('#', session())]), (topic) => (topic === 'a' ? stored : undefined), 10);
  expect(router.route('a').retained).toBe(stored);
  expect(router.route('b').retained).toBeUndefined();
});

test('what a session brings that connected after the present one was lost is taken at once', () => {
  const now = performance.now();
  const [lost, back] = [session(), session()];
  const router = new Router(plan([source('a', lost), source('+', back, { id: 2 })]), () => undefined, 10);
  router.add(new Stream(1, { ...SPEC, filters: ['a'] }, undefined, false));
  const route = router.route('a', lost);
  expect(router.takes(route, lost, message('a', 1))).toBe(true);
  Object.assign(lost, { isUp: false, changedAt: now - 500 });
  router.onChange();
  expect(router.route('a', back)).toBe(route);
  // Stored messages of a kept session may have come over the other one before.
  Object.assign(back, { changedAt: now - 100, isKept: true });
  expect(router.takes(route, back, message('a', 2))).toBe(false);
  Object.assign(back, { isKept: false });
  expect(router.takes(route, back, message('a', 3))).toBe(true);
});

test('of a session that has connected again, no message is taken for one that another session has brought', () => {
  const [one, two] = [session(), session()];
  const router = new Router(plan([source('#', one), source('#', two, { id: 2, qos: 1 })]), () => undefined, 10);
  router.add(new Stream(1, { ...SPEC, filters: ['#'] }, undefined, false));
  const route = router.route('a', one);
  // The other session has brought two messages more, and this one was lost before it brought them
  Object.assign(route, { session: two, skip: 2 });
  router.onChange(one);
  expect(route.skip).toBe(2);
  router.onChange(two);
  expect(router.takes(route, two, message('a', 3))).toBe(true);
});

test('a move to another session begins again when one of the two has connected again', () => {
  const [one, two] = [session(), session()];
  const router = new Router(plan([source('#', one), source('#', two, { id: 2, qos: 1 })]), () => undefined, 10);
  router.add(new Stream(1, { ...SPEC, filters: ['#'] }, undefined, false));
  const route = router.route('a', one);
  route.session = one;
  const moves = new Set<unknown>();
  for (const lost of [undefined, one, two]) {
    // It has counted messages of before, and some that came meanwhile are not among them
    router.onChange(lost);
    router.route('a', one);
    moves.add(route.move);
  }
  expect(moves.has(undefined)).toBe(false);
  expect(moves.size).toBe(3);
  // The broker keeps the messages of such a session
  Object.assign(one, { isKept: true });
  router.onChange(one);
  router.route('a', one);
  expect(moves.has(route.move)).toBe(true);
});
