import { expect, test } from 'vitest';
import type { StreamSeries } from '../connection/shared-stream';
import { CircularFrame } from '../frames';
import { pastFrame } from '../history/past-frame';
import { liveViews } from './live-views';
import { parseQuery } from './parse-query';

function series(topic: string, columns = 1): StreamSeries {
  const spec = { name: 'Value', type: 'number', path: [] } as const;
  return { topic, labels: {}, frame: columns === 0 ? new CircularFrame(1) : pastFrame([spec], new Map()), lastRead: 0 };
}

const parse = (topic: string) => parseQuery({ refId: 'A', topic }, (text) => text);

test('the views are the same array until a series comes, goes, or has its first row', () => {
  const query = parse('home/{room}/t');
  const [attic, kitchen, empty] = [series('home/attic/t'), series('home/kitchen/t'), series('home/hall/t', 0)];
  const first = liveViews(query, [attic, empty]);
  expect(first.map(({ labels }) => labels)).toEqual([{ room: 'attic' }]);
  expect(liveViews(query, [attic, empty])).toBe(first);

  const second = liveViews(query, [attic, empty, kitchen]);
  expect(second.map(({ topic }) => topic)).toEqual(['home/attic/t', 'home/kitchen/t']);
  expect(second[0]).toBe(first[0]);
  expect(liveViews(query, [kitchen])).toEqual([second[1]]);

  // A stream that begins again has other series of the same topics
  const again = series('home/kitchen/t');
  const third = liveViews(query, [again]);
  expect(third[0].frame).toBe(again.frame);
  expect(third[0].frame).not.toBe(kitchen.frame);
});

test('series are in the order of their topics, as people count, however they arrive', () => {
  const query = parse('plant/{device}/t');
  const [two, ten, one, a, b] = ['dev2', 'dev10', 'dev1', 'a', 'b'].map((device) => series(`plant/${device}/t`));
  const names = (all: StreamSeries[]) => liveViews(query, all).map(({ labels }) => labels.device);
  expect(names([ten, two])).toEqual(['dev2', 'dev10']);
  // The series that comes later takes its place
  expect(names([ten, two, one, b, a])).toEqual(['a', 'b', 'dev1', 'dev2', 'dev10']);
  // One of them is evicted
  expect(names([ten, one, b, a])).toEqual(['a', 'b', 'dev1', 'dev10']);
  expect(names([two, a, b, one, ten])).toEqual(['a', 'b', 'dev1', 'dev2', 'dev10']);
});

test('another query has its own labels for the same series, and reading is noted', () => {
  const attic = series('home/attic/t');
  expect(liveViews(parse('home/{room}/t'), [attic])[0].labels).toEqual({ room: 'attic' });
  expect(liveViews(parse('{place}/+/t'), [attic])[0].labels).toEqual({ place: 'home' });
  expect(attic.lastRead).toBeGreaterThan(0);
});
