import { expect, test } from 'vitest';
import { ResponseReader } from './history-response';

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
