import { describe, expect, test } from 'vitest';
import { type HistorianClock, ResponseReader } from './history-response';

const NOW = 1_767_225_600_000;

function read(topics: Array<[topic: string, times: number[]]>): string[] {
  const json = {
    v: 2,
    part: 0,
    done: true,
    now: NOW,
    topics: topics.map(([topic, times]) => ({ topic, times, payloads: times.map(() => 'x') })),
  };
  const result = new ResponseReader(2, NOW).read(new TextEncoder().encode(JSON.stringify(json)), NOW);
  return result.state === 'done' ? result.part.messages.map(({ topic, time }) => `${time} ${topic}`) : [result.state];
}

test('messages of several topics are in the order of time', () => {
  expect(
    read([
      ['a', [1, 3]],
      ['b', [2]],
    ])
  ).toEqual(['1 a', '2 b', '3 a']);
});

test('births of Sparkplug are before the data of the same millisecond, that of the node first', () => {
  expect(
    read([
      ['spBv1.0/Plant/DDATA/Edge/Press', [4, 5]],
      ['spBv1.0/Plant/DBIRTH/Edge/Press', [5]],
      ['spBv1.0/Plant/DBIRTH/Edge/Pump', [5]],
      ['spBv1.0/Plant/NBIRTH/Edge', [5]],
      ['spBv1.0/Plant/NDEATH/Edge', [4]],
    ])
  ).toEqual([
    '4 spBv1.0/Plant/DDATA/Edge/Press',
    '4 spBv1.0/Plant/NDEATH/Edge',
    '5 spBv1.0/Plant/NBIRTH/Edge',
    '5 spBv1.0/Plant/DBIRTH/Edge/Press',
    '5 spBv1.0/Plant/DBIRTH/Edge/Pump',
    '5 spBv1.0/Plant/DDATA/Edge/Press',
  ]);
});

describe('the clock of a historian', () => {
  const clockOf = (now: number, sentAt: number, at: number, known?: HistorianClock): HistorianClock => {
    const payload = new TextEncoder().encode(JSON.stringify({ v: 2, part: 0, now, topics: [], done: true }));
    const result = new ResponseReader(2, sentAt, () => known).read(payload, at);
    return result.state === 'done' ? result.part.clock : expect.fail(result.state);
  };

  test('is that of half the way', () => {
    expect(clockOf(NOW + 3_600_000, NOW, NOW + 40)).toEqual({ offsetMs: 3_599_980, uncertaintyMs: 20 });
    expect(clockOf(NOW + 20, NOW, NOW + 40)).toEqual({ offsetMs: 0, uncertaintyMs: 20 });
  });

  test('stays the known one for as long as it may be, so that its times are the same in all responses', () => {
    const known = { offsetMs: 3_600_000, uncertaintyMs: 20 };
    // The way there took long, or the way back
    expect(clockOf(NOW + 3_600_080, NOW, NOW + 80, known)).toEqual(known);
    expect(clockOf(NOW + 3_600_000, NOW, NOW + 80, known)).toEqual(known);
    expect(clockOf(NOW + 3_600_005, NOW, NOW + 8, known)).toEqual({ ...known, uncertaintyMs: 5 });
    // It was wrong, but not more than was known
    expect(clockOf(NOW + 3_600_023, NOW, NOW + 4, known)).toEqual({ ...known, uncertaintyMs: 20 });
    // Set back since
    expect(clockOf(NOW + 1_800_000, NOW, NOW + 10, known)).toEqual({ offsetMs: 1_799_995, uncertaintyMs: 5 });
    expect(clockOf(NOW, NOW, NOW + 10, known)).toEqual({ offsetMs: 0, uncertaintyMs: 5 });
  });
});
