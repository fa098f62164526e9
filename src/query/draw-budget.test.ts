import { expect, test } from 'vitest';
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

test('what the page draws in the next frame counts too', async () => {
  let now = 0;
  const frames: FrameRequestCallback[] = [];
  const before = globalThis.requestAnimationFrame;
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  try {
    const budget = new DrawBudget(() => now);
    budget.spend(() => undefined);
    budget.spend(() => undefined);
    expect(frames).toHaveLength(1);
    frames[0](now);
    now += 400;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    expect(budget.mayRespond()).toBe(false);
    now += 1_000;
    expect(budget.mayRespond()).toBe(true);
  } finally {
    globalThis.requestAnimationFrame = before;
  }
});
