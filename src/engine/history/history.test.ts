import { afterAll, expect, test, vi } from 'vitest';
import { OPTIONS } from '../../testing/connection-options';
import { History } from './history';
import type { PastEvents } from './past';

let past: PastEvents | undefined;

// Files of one worker share their modules, and others have loaded this one
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

vi.mock('./past', () => ({
  Past: function Past(_options: unknown, _recorder: unknown, events: PastEvents) {
    past = events;
  },
}));

test('a gap that several sessions have is one gap', async () => {
  const posted: unknown[] = [];
  const nothing = (): never[] => [];
  const history = new History(
    {
      post: (message) => posted.push(message),
      onReplayed: nothing,
      isReady: () => true,
      streams: nothing,
      restart: (stream) => stream,
      onOtherUser: nothing,
      flush: nothing,
      sessions: nothing,
      subscribeStreams: nothing,
    },
    {
      openSocket: () => {
        throw new Error('There is no broker');
      },
      now: () => Date.now(),
      random: () => 0,
    }
  );
  history.configure({ bytes: 1_000_000, ageMs: Infinity, historian: 'history' });
  history.connect({ ...OPTIONS, url: 'ws://localhost/' }, false);
  await expect.poll(() => past).toBeDefined();
  // Of the second session some streams miss nothing
  history.onGap({ from: 1, to: 2 }, []);
  history.onGap({ from: 1, to: 2 }, [1]);
  history.onGap({ from: 1, to: 3 }, []);
  expect(past!.gaps.all()).toEqual([
    { from: 1, to: 2 },
    { from: 1, to: 3 },
  ]);
  expect(posted).toHaveLength(3);
});
