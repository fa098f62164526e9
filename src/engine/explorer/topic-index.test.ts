import { describe, expect, test } from 'vitest';
import { TopicIndex } from './topic-index';

const utf8 = new TextEncoder();
const ALL = { search: '', first: 0, count: 100 };

function indexOf(topics: readonly string[], { max = 1_000, payload = '1', retain = false } = {}): TopicIndex {
  const index = new TopicIndex(max, 0);
  for (const topic of topics) {
    index.add(topic, utf8.encode(payload), retain, 1_000);
  }
  return index;
}

const paths = (index: TopicIndex, search = ''): string[] =>
  index.rows({ ...ALL, search }, 1_000).rows.map(({ path }) => path);

describe('rows', () => {
  test('are the tree in the order in which people count, all open while it is small', () => {
    const index = indexOf(['home/room10/t', 'home/room2/t', 'garden', 'home/room2']);
    expect(paths(index)).toEqual(['garden', 'home', 'home/room2', 'home/room2/t', 'home/room10', 'home/room10/t']);
  });

  test('have the counts of everything below, and the last value of a topic', () => {
    const index = indexOf(['a/b', 'a/b', 'a/c']);
    index.add('a/b', utf8.encode('22'), false, 5_000);
    const [branch, leaf] = index.rows(ALL, 6_000).rows;
    expect(branch).toMatchObject({ path: 'a', name: 'a', depth: 0, open: true, topics: 2, messages: 4 });
    expect(branch.last).toBeUndefined();
    expect(leaf).toMatchObject({ path: 'a/b', name: 'b', depth: 1, topics: 1, messages: 3 });
    expect(leaf.last).toEqual({ excerpt: '22', length: 2, time: 5_000, retained: false });
    expect(leaf.open).toBeUndefined();
  });

  test('of a large tree are closed until somebody opens them, and the page gets only those that it shows', () => {
    const index = indexOf(Array.from({ length: 200 }, (_, i) => `plant/machine${i}/speed`));
    expect(paths(index)).toEqual(['plant']);
    index.toggle('plant', true);
    const { total, first, rows } = index.rows({ search: '', first: 150, count: 5 }, 1_000);
    expect([total, first, rows.length]).toEqual([201, 150, 5]);
    expect(rows[0].path).toBe('plant/machine149');
    // Scrolled beyond the end.
    expect(index.rows({ search: '', first: 1_000, count: 5 }, 1_000).first).toBe(196);
    index.toggle('plant', false);
    expect(paths(index)).toEqual(['plant']);
  });

  test('stay as they are opened when a small tree grows', () => {
    const index = indexOf(['a/b']);
    index.settle();
    for (let i = 0; i < 100; i++) {
      index.add(`a/${i}`, utf8.encode('1'), false, 2_000);
    }
    expect(index.rows(ALL, 2_000).total).toBe(102);
  });

  test('keep their places while they are held, and show new values', () => {
    const index = indexOf(['b']);
    paths(index);
    index.add('a', utf8.encode('1'), false, 2_000);
    index.add('b', utf8.encode('7'), false, 2_000);
    const { rows } = index.rows({ ...ALL, hold: true }, 2_000);
    expect(rows.map(({ path }) => path)).toEqual(['b']);
    expect(rows[0].last?.excerpt).toBe('7');
    expect(paths(index)).toEqual(['a', 'b']);
  });

  test('are found by words at any level, whatever their capitals, with all that leads to them', () => {
    const index = indexOf(['home/kitchen/Temperature', 'home/bath/temperature', 'home/kitchen/humidity']);
    expect(paths(index, 'KITCH temp')).toEqual(['home', 'home/kitchen', 'home/kitchen/Temperature']);
    expect(index.found).toBe(1);
    expect(paths(index, 'nothing')).toEqual([]);
    paths(index);
    expect(index.found).toBe(3);
  });

  test('of a search have the messages and the rate of the topics that it finds, also of those that come later', () => {
    // `a/temp` is a topic and a branch: what is below it has its own messages.
    const index = indexOf(['a/temp', 'a/temp', 'a/temp/x', 'a/hum', 'a', 'b/temp']);
    const counts = (search: string, now = 1_000) =>
      index.rows({ ...ALL, search }, now).rows.map(({ path, topics, messages, rate }) => ({
        path,
        topics,
        messages,
        rate: Math.round(rate),
      }));
    expect(counts('temp')).toEqual([
      { path: 'a', topics: 2, messages: 3, rate: 3 },
      { path: 'a/temp', topics: 2, messages: 3, rate: 3 },
      { path: 'a/temp/x', topics: 1, messages: 1, rate: 1 },
      { path: 'b', topics: 1, messages: 1, rate: 1 },
      { path: 'b/temp', topics: 1, messages: 1, rate: 1 },
    ]);
    expect(counts('temp x').map(({ messages }) => messages)).toEqual([1, 1, 1]);
    for (const topic of ['a/temp', 'a/temp', 'a/hum', 'a/temp2']) {
      index.add(topic, utf8.encode('1'), false, 1_000);
    }
    expect(counts('temp').slice(0, 2)).toEqual([
      { path: 'a', topics: 3, messages: 6, rate: 7 },
      { path: 'a/temp', topics: 2, messages: 5, rate: 6 },
    ]);
    index.add('a/temp', utf8.encode('1'), true, 1_000);
    index.add('a/temp3', utf8.encode('1'), false, 1_000);
    expect(counts('temp')[0]).toEqual({ path: 'a', topics: 4, messages: 8, rate: 8 });
    expect(counts('temp', 60_000)[0].rate).toBe(0);
    expect(counts('')[0]).toEqual({ path: 'a', topics: 6, messages: 11, rate: 11 });
  });

  test('show bytes that are not text as digits, text in one line, and a character that is cut as text', () => {
    const excerpt = (payload: Uint8Array): string | undefined => {
      const index = new TopicIndex(10, 0);
      index.add('a', payload, false, 0);
      return index.rows(ALL, 0).rows[0].last?.excerpt;
    };
    expect(excerpt(Uint8Array.of(0xff, 0x00, 0x10))).toBe('ff 00 10');
    expect(excerpt(utf8.encode('a\n\tb'))).toBe('a b');
    expect(excerpt(utf8.encode(`x${'ü'.repeat(200)}`))).toMatch(/^xü+$/);
  });

  test('mark a retained message until an empty one clears it', () => {
    const index = indexOf(['a'], { retain: true });
    const retained = () => index.rows(ALL, 1_000).rows[0].last?.retained;
    expect(retained()).toBe(true);
    index.add('a', utf8.encode('2'), false, 1_000);
    expect(retained()).toBe(true);
    index.add('a', new Uint8Array(0), false, 1_000);
    expect(retained()).toBe(false);
  });

  test('survive names that mean something in JavaScript, empty levels and very many levels', () => {
    const deep = Array.from({ length: 10_000 }, (_, i) => i).join('/');
    const index = indexOf(['__proto__/constructor', '/a', 'b/', '//', deep]);
    expect(index.size).toBe(5);
    expect(index.matches('#').count).toBe(5);
    expect(paths(index)).toEqual(expect.arrayContaining(['__proto__/constructor', '/a', 'b/', '//']));
    expect(index.rows(ALL, 0).rows.every(({ depth }) => depth < 32)).toBe(true);
  });
});

describe('rate', () => {
  test('is that of the last seconds, from the first second on, and ends with the messages', () => {
    const index = new TopicIndex(10, 0);
    for (let ms = 0; ms < 20_000; ms += 100) {
      index.add('a', utf8.encode('1'), false, ms);
      if (ms === 2_000 || ms === 19_900) {
        expect(index.rate(ms)).toBeGreaterThan(8);
        expect(index.rate(ms)).toBeLessThan(12.5);
      }
    }
    expect(index.rate(60_000)).toBeLessThan(0.01);
  });

  test('does not count retained messages, which arrive at once', () => {
    const index = indexOf(
      Array.from({ length: 500 }, (_, i) => `a/${i}`),
      { retain: true }
    );
    expect(index.rate(1_000)).toBe(0);
    expect(index.messages).toBe(500);
  });
});

test('a search that somebody types, widens and takes back finds what a new one finds, also among new topics', () => {
  const topics = Array.from({ length: 300 }, (_, i) => `a${i % 7}/b${i % 11}/${['Temp', 'power', 'x y'][i % 3]}${i}`);
  const typed = indexOf(topics.slice(0, 200));
  let known = 200;
  for (const search of [
    't',
    'te',
    'temp',
    'temp1',
    'temp',
    'temp 2',
    'a1 ',
    'a1 b',
    'a1 b2',
    '',
    'b1',
    'b10',
    'x y2',
    'y',
  ]) {
    const shown = paths(typed, search);
    expect([search, shown]).toEqual([search, paths(indexOf(topics.slice(0, known)), search)]);
    for (const topic of topics.slice(known, known + 7)) {
      typed.add(topic, utf8.encode('1'), false, 1_000);
    }
    known += 7;
    expect([search, paths(typed, search)]).toEqual([search, paths(indexOf(topics.slice(0, known)), search)]);
  }
});

test('names are in the order of people, whatever their capitals and accents', () => {
  const names = ['b', 'Ärger', 'a10', 'a2', 'A1', 'zebra', 'Öl', 'a2b', '10', '9', 'ab'];
  expect(paths(indexOf(names))).toEqual(['9', '10', 'A1', 'a2', 'a2b', 'a10', 'ab', 'Ärger', 'b', 'Öl', 'zebra']);
});

describe('50,000 topics', () => {
  const index = new TopicIndex(100_000, 0);
  for (let i = 0; i < 50_000; i++) {
    index.add(`plant/area${i % 20}/machine${i}/${i % 2 === 0 ? 'temperature' : 'Power'}`, utf8.encode('1'), true, 0);
  }
  const rows = (search: string) => index.rows({ search, first: 0, count: 40 }, 1);

  test('a search that finds most of them shows where they are, and opens when it finds few', () => {
    expect(rows('e').rows.map(({ path, open, topics }) => [path, open, topics])).toEqual([['plant', false, 50_000]]);
    expect(index.found).toBe(50_000);
    expect(rows('power').rows[0]).toMatchObject({ path: 'plant', open: false, topics: 25_000 });
    const few = rows('power machine4999');
    expect(index.found).toBe(6);
    expect(few.rows.filter(({ last }) => last !== undefined).map(({ path }) => path)).toEqual([
      'plant/area11/machine49991/Power',
      'plant/area13/machine49993/Power',
      'plant/area15/machine49995/Power',
      'plant/area17/machine49997/Power',
      'plant/area19/machine4999/Power',
      'plant/area19/machine49999/Power',
    ]);
    expect(rows('').rows.map(({ path, open }) => [path, open])).toEqual([['plant', false]]);
    expect(index.found).toBe(50_000);
  });
});

test('topics beyond the limit are counted and not stored', () => {
  const index = indexOf(['a', 'b', 'c', 'c', 'a'], { max: 2 });
  expect([index.size, index.skipped, index.messages]).toEqual([2, 2, 5]);
});

describe('matches', () => {
  const index = indexOf(['tele/plug1/SENSOR', 'tele/plug2/SENSOR', 'tele/plug1/STATE', 'tele', '$SYS/up']);

  test.each([
    ['tele/plug1/SENSOR', 1],
    ['tele/+/SENSOR', 2],
    ['tele/#', 4],
    ['#', 4],
    ['+', 1],
    ['$SYS/#', 1],
    ['nothing', 0],
  ])('of %s', (filter, count) => {
    const matches = index.matches(filter);
    expect(matches.count).toBe(count);
    expect(matches.topics).toHaveLength(Math.min(3, count));
  });

  test('says for each level how many topics there would be without it', () => {
    expect(index.matches('tele/plug1/SENSOR').levels).toEqual([1, 2, 2]);
  });
});

describe('completions', () => {
  const index = indexOf([
    'home/kitchen/temperature',
    'home/bath/temperature',
    'home/bath/humidity',
    'House',
    '$SYS/up',
  ]);
  const labels = (line: string): string[] => index.complete(line).map(({ label }) => label);

  test('are the levels that exist, whatever their capitals', () => {
    expect(labels('h')).toEqual(['home', 'House']);
    expect(labels('home/')).toEqual(['bath', 'kitchen']);
    expect(index.complete('home/b')).toEqual([{ line: 'home/bath', label: 'bath', topics: 2, branch: true }]);
    expect(labels('$')).toEqual(['$SYS']);
  });

  test('have all first levels of a small broker, which a click into the empty field lists', () => {
    const names = Array.from({ length: 30 }, (_, i) => `plant${i}`);
    expect(
      indexOf(names)
        .complete('')
        .map(({ label }) => label)
    ).toEqual(names);
  });

  test('follow wildcards and named levels, and join what is there', () => {
    expect(index.complete('home/{room}/t')).toEqual([
      { line: 'home/{room}/temperature', label: 'temperature', topics: 2, branch: false },
    ]);
    expect(labels('home/+/')).toEqual(['humidity', 'temperature']);
    expect(labels('+/')).toEqual(['bath', 'kitchen']);
    expect(labels('home/#/')).toEqual([]);
  });

  test('have levels with a $ below the first, as Homie has them [MQTT-4.7.2-1]', () => {
    expect(
      indexOf(['homie/dev/$state', 'homie/dev/lamp'])
        .complete('homie/dev/')
        .map(({ label }) => label)
    ).toEqual(['$state', 'lamp']);
  });

  test('are topics that contain the words if no level begins so', () => {
    expect(labels('kitch')).toEqual(['home/kitchen/temperature']);
    expect(labels('bath hum')).toEqual(['home/bath/humidity']);
    expect(labels('')).toEqual(['$SYS', 'home', 'House']);
  });
});
