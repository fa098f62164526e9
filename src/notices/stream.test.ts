import { expect, test } from 'vitest';
import type { SharedStream } from '../connection/shared-stream';
import { emptyStats } from '../engine/protocol';
import { TestPanel } from '../testing/test-panel';
import { streamNotices } from './stream';

const NOW = Date.UTC(2026, 2, 1, 14);
const CLOCK = { now: NOW, timeZone: 'utc' };

/** The notices of a stream that has been granted for a minute, and to which nothing has come. */
function ofSilence(...filters: string[]): string {
  const stream = {
    spec: { filters },
    stats: emptyStats(),
    refused: [],
    nearest: [],
    series: [],
    memoryLimited: new Set(),
    late: 0,
    grantedAt: NOW - 60_000,
    past: { state: 'done' },
  } as unknown as SharedStream;
  const status = { state: 'connected', since: NOW - 60_000, protocolVersion: 4, sessionPresent: false, connectMs: 1 };
  return streamNotices(stream, status as Parameters<typeof streamNotices>[1], CLOCK)
    .map(({ text }) => text)
    .join(' ');
}

test.each([
  [['#'], /leaves out "\$" topics/],
  [['+/kitchen'], /leaves out "\$" topics/],
  [['$share/g/home/#'], /gets only a part/],
  [['home/kitchen'], /access rules/],
  [['home/room.1/temperature'], /RabbitMQ delivers "\." as "\/"/],
  [['home/a*b'], /and "\*" as "\+"/],
])('a filter to which nothing comes names what people do not expect: %j', (filters, words) => {
  expect(ofSilence(...filters)).toMatch(/^Connected and subscribed to /);
  expect(ofSilence(...filters)).toMatch(words);
});

test.each([
  ['seconds that are read as milliseconds', 'ms', 1 / 1_000, /a factor of 1,000: set the time format/],
  ['milliseconds that are read as seconds', 's', 1, /a factor of 1,000: set the time format/],
] as const)('%s are said to have another unit, and no other zone', (_, format, scale, words) => {
  const panel = new TestPanel({ time: { from: 'path', path: 't', format } });
  panel.send({ payload: { t: Math.round(NOW * scale), v: 1 }, at: NOW });
  const text = panel.notices.join(' ');
  expect(text).toMatch(words);
  expect(text).not.toMatch(/time zone/);
});

test('a clock that is hours off is said to have another zone, and no other unit', () => {
  const panel = new TestPanel({ time: { from: 'path', path: 't', format: 'ms' } });
  panel.send({ payload: { t: NOW - 2 * 3_600_000, v: 1 }, at: NOW });
  expect(panel.notices.join(' ')).toMatch(/time zone/);
  expect(panel.notices.join(' ')).not.toMatch(/factor/);
});

test('messages that the broker may have sent again are counted, and it is said what avoids them', () => {
  const panel = new TestPanel();
  panel.send({ payload: '1' });
  expect(panel.notices).toEqual([]);
  panel.stream.append({ stream: 1, stats: { ...emptyStats(), messages: 2, unsureRepeats: 2 }, chunks: [] });
  expect(panel.notices).toEqual([
    '2 messages after a lost connection equal the last ones before it. The broker may have sent them again, so rows may be there twice. With QoS 0, no message is sent again.',
  ]);
});
