import { afterEach, describe, expect, test, vi } from 'vitest';
import { TaskScheduler } from './task-scheduler';

afterEach(() => {
  vi.useRealTimers();
});

/** Waits for microtasks that begin microtasks. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
  }
}

describe('scheduler', () => {
  test('are taken in order, together, and not at once', async () => {
    const scheduler = new TaskScheduler();
    const taken: number[] = [];
    scheduler.add(() => {
      taken.push(1);
      scheduler.add(() => taken.push(3));
    });
    scheduler.add(() => taken.push(2));
    expect(taken).toEqual([]);
    await settle();
    expect(taken).toEqual([1, 2, 3]);
    scheduler.add(() => taken.push(4));
    await settle();
    expect(taken).toEqual([1, 2, 3, 4]);
  });

  test('that take long leave the thread to others in between, and none is forgotten', async () => {
    vi.useFakeTimers();
    let now = 0;
    const scheduler = new TaskScheduler(() => now);
    const taken: number[] = [];
    const long = (turn: number): void =>
      scheduler.add(() => {
        now += 5;
        taken.push(turn);
      });
    [1, 2, 3, 4].forEach(long);
    await settle();
    expect(taken).toEqual([1, 2]);
    // Behind those that wait, although nothing runs now.
    long(5);
    await settle();
    expect(taken).toEqual([1, 2]);
    vi.advanceTimersToNextTimer();
    expect(taken).toEqual([1, 2, 3, 4]);
    vi.advanceTimersToNextTimer();
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that fail are reported, and the others are taken all the same', async () => {
    vi.useFakeTimers();
    const scheduler = new TaskScheduler();
    const taken: number[] = [];
    scheduler.add(() => {
      throw new Error('a panel');
    });
    scheduler.add(() => taken.push(2));
    await settle();
    expect(taken).toEqual([2]);
    expect(() => vi.advanceTimersByTime(1)).toThrow('a panel');
  });
});
