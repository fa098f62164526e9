import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DrawBudget } from './draw-budget';

test('quick responses may cost a fifth of the time, and as much as a second brings in a row', () => {
  let now = 0;
  const budget = new DrawBudget(() => now);
  let responses = 0;
  const respond = (): void => {
    now += 20;
    responses++;
  };
  while (budget.mayRespond()) {
    budget.spend(respond);
  }
  expect(responses).toBeGreaterThanOrEqual(10);
  expect(responses).toBeLessThan(15);
  for (const end = now + 10_000; now < end; now += 5) {
    if (budget.mayRespond()) {
      budget.spend(respond);
    }
  }
  expect(responses * 20).toBeGreaterThan(0.15 * now);
  expect(responses * 20).toBeLessThan(0.25 * now + 200);
});

test('one long drawing, such as that of a page that was suspended, delays rare messages by a second at most', () => {
  let now = 0;
  const budget = new DrawBudget(() => now);
  budget.spend(() => {
    now += 30_000;
  });
  now += 1_001;
  expect(budget.mayRespond()).toBe(true);
});

describe('what the page draws in the next frame', () => {
  let now: number;
  let frames: FrameRequestCallback[];
  const drawIn = (ms: number): void => {
    frames.pop()!(now);
    now += ms;
    vi.advanceTimersByTime(0);
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    [now, frames] = [0, []];
    vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  test('counts too', () => {
    const budget = new DrawBudget(() => now);
    budget.spend(() => undefined);
    budget.spend(() => undefined);
    expect(frames).toHaveLength(1);
    drawIn(400);
    expect(budget.mayRespond()).toBe(false);
    now += 1_000;
    expect(budget.mayRespond()).toBe(true);
  });

  test('is measured once in a second, and counts as much in each frame until then', () => {
    const budget = new DrawBudget(() => now);
    budget.spend(() => undefined);
    drawIn(50);
    let responses = 0;
    for (; now < 990; now += 30) {
      if (budget.mayRespond()) {
        // Of two panels, drawn together
        budget.spend(() => undefined);
        budget.spend(() => undefined);
        responses++;
      }
    }
    expect(frames).toEqual([]);
    expect(responses).toBeGreaterThan(5);
    expect(responses).toBeLessThan(12);
    now += 100;
    budget.spend(() => undefined);
    expect(frames).toHaveLength(1);
  });
});
