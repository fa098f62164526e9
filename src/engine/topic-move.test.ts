import { describe, expect, test } from 'vitest';
import type { Session } from './session-set';
import { MAX_SILENCE_MS, MAX_SKEW_MS, seen, TopicMove } from './topic-move';

const session = {} as Session;

/** A move whose sessions were subscribed at 0 and are watched from then on. */
function moveAt0(): TopicMove {
  return new TopicMove(session, 0, { since: 0, from: undefined, to: undefined });
}

const message = (value: number, at: number) => seen(new TextEncoder().encode(String(value)), at);

function add(move: TopicMove, from: 'from' | 'to', values: readonly number[], at: number): void {
  values.forEach((value, n) => move.add(from, message(value, at + n)));
}

const count = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('a quiet time', () => {
  test('ends the move if both sessions have brought the same', () => {
    const move = moveAt0();
    add(move, 'from', [1, 2, 3], 2_000);
    add(move, 'to', [1, 2, 3], 2_100);
    expect(move.isQuiet(2_000 + MAX_SKEW_MS)).toBe(false);
    expect(move.isQuiet(2_200 + MAX_SKEW_MS)).toBe(true);
  });

  test.each<[string, number[], number[]]>([
    ['the session before is ahead', [1, 2, 3], [1, 2]],
    ['the session before is behind', [1, 2], [1, 2, 3]],
    ['only the session before has brought something', [1], []],
    ['only the other session has brought something', [], [1]],
  ])('is not over while %s', (_, from, to) => {
    const move = moveAt0();
    add(move, 'from', from, 2_000);
    add(move, 'to', to, 2_000);
    expect(move.isQuiet(8_000)).toBe(false);
    // The messages were lost on one of the ways.
    expect(move.isQuiet(2_100 + MAX_SILENCE_MS)).toBe(true);
  });

  test('is over although a message came before the other session was subscribed', () => {
    const move = new TopicMove(session, 0, { since: 0, from: message(1, -100), to: undefined });
    expect(move.isQuiet(100 + MAX_SKEW_MS)).toBe(true);
  });

  test('is longer if a message came when the other session had just been subscribed', () => {
    const move = moveAt0();
    add(move, 'from', [1], 100);
    expect(move.isQuiet(3_000)).toBe(false);
    expect(move.isQuiet(5_200)).toBe(true);
  });

  test('is not over while the session before lacks what the other one brought earlier', () => {
    const late = new TopicMove(session, 5_000, { since: 0, from: message(1, 2_000), to: message(2, 3_000) });
    expect(late.isQuiet(9_000)).toBe(false);
    late.add('from', message(2, 9_000));
    expect(late.isQuiet(9_100 + MAX_SKEW_MS)).toBe(true);
  });
});

describe('payloads that differ', () => {
  test('say how far the other session is behind, however late it is', () => {
    const move = moveAt0();
    add(move, 'from', count(1, 100), 10);
    add(move, 'to', count(1, 40), 9_000);
    expect(move.lead(9_100)).toBe(-60);
  });

  test('say how far it is ahead', () => {
    const move = moveAt0();
    add(move, 'to', count(1, 100), 10);
    add(move, 'from', count(1, 40), 9_000);
    expect(move.lead(9_100)).toBe(60);
  });

  test('say it although the other session brings what came before the move', () => {
    const move = moveAt0();
    add(move, 'from', count(101, 200), 3_000);
    add(move, 'to', count(51, 130), 9_000);
    expect(move.lead(9_100)).toBe(-70);
  });

  test('say that a message was lost since', () => {
    const move = moveAt0();
    add(move, 'to', [1, 2, 4, 5], 3_000);
    add(move, 'from', [1, 2], 3_100);
    expect(move.lead(3_200)).toBe(2);
    add(move, 'from', [3, 4], 3_300);
    expect(move.lead(3_400)).toBeUndefined();
  });

  test('say nothing while they are too few, or repeat themselves', () => {
    const few = moveAt0();
    add(few, 'from', count(1, 100), 10);
    add(few, 'to', count(1, 5), 4_000);
    expect(few.lead(4_100)).toBeUndefined();
    const periodic = moveAt0();
    add(periodic, 'from', [...count(1, 20), ...count(1, 20), ...count(1, 20)], 10);
    add(periodic, 'to', count(1, 20), 4_000);
    expect(periodic.lead(4_100)).toBeUndefined();
  });
});
