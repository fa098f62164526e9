import { describe, expect, test } from 'vitest';
import type { Replay } from './message-replay';
import { MessageRing, type MessageRingLimits } from './message-ring';
import { HEADER_BYTES, type StoredMessage } from './message-segment';

const LIMITS: MessageRingLimits = { bytes: 1 << 20, messages: 1_000_000, ageMs: 3_600_000 };
const utf8 = new TextEncoder();
const all = (): boolean => true;
const LIVE: Omit<StoredMessage, 'topic' | 'payload' | 'time'> = {
  retain: false,
  qos: 0,
  userProperties: undefined,
  epoch: 1,
};

function texts(replay: Replay): string[] {
  const found: string[] = [];
  for (let message = replay.next(); message !== undefined; message = replay.next()) {
    found.push(`${message.topic}=${new TextDecoder().decode(message.payload)}`);
  }
  return found;
}

function ringOf(limits: Partial<MessageRingLimits> = {}) {
  const ring = new MessageRing({ ...LIMITS, ...limits });
  let time = 0;
  return {
    ring,
    add: (topic: string, text: string, at = ++time) =>
      ring.add({ ...LIVE, topic, payload: utf8.encode(text), time: at }),
  };
}

describe('a ring of messages', () => {
  test('gives back each message as it came', () => {
    const { ring } = ringOf();
    const userProperties = { room: 'kitchen' };
    const sent = {
      topic: 'a',
      payload: utf8.encode('21.5'),
      time: 1_000.5,
      retain: true,
      qos: 2,
      userProperties,
      epoch: 7,
    } as const;
    ring.add(sent);
    ring.add({ ...LIVE, topic: 'b', payload: new Uint8Array(0), time: 1_001, qos: 1 });
    const replay = ring.replay(all);
    const first = replay.next();
    expect(first).toEqual(sent);
    expect(replay.next()).toMatchObject({ topic: 'b', retain: false, qos: 1, userProperties: undefined });
    expect(replay.next()).toBeUndefined();
  });

  test('replays all topics in the order of arrival, also within a millisecond', () => {
    const { ring, add } = ringOf();
    const sent = Array.from({ length: 5_000 }, (_, n) => [`t/${(n * 7919) % 37}`, String(n)] as const);
    for (const [topic, text] of sent) {
      add(topic, text, 1_000);
    }
    expect(texts(ring.replay(all))).toEqual(sent.map(([topic, text]) => `${topic}=${text}`));
    expect(texts(ring.replay((topic) => topic === 't/3'))).toEqual(
      sent.filter(([topic]) => topic === 't/3').map(([topic, text]) => `${topic}=${text}`)
    );
  });

  test('a replay goes on with what is added while it runs, new topics included, each once', () => {
    const { ring, add } = ringOf();
    add('a', '1');
    add('a', '2');
    const replay = ring.replay(all);
    expect(replay.next()?.topic).toBe('a');
    add('b', '3');
    add('a', '4');
    expect(texts(replay)).toEqual(['a=2', 'b=3', 'a=4']);
    add('c', '5');
    expect(texts(replay)).toEqual(['c=5']);
    expect(texts(replay)).toEqual([]);
  });

  test('a replay goes on where the ring moves messages together, without those that are given up', () => {
    const { ring, add } = ringOf();
    for (let n = 0; n < 2_000; n++) {
      add(n % 2 === 0 ? 'a' : 'b', String(n));
    }
    const replay = ring.replay(all);
    expect([replay.next(), replay.next(), replay.next()].map((each) => each?.topic)).toEqual(['a', 'b', 'a']);
    ring.forget((topic) => topic === 'a');
    add('a', 'new');
    expect(texts(replay)).toEqual([...Array.from({ length: 999 }, (_, n) => `b=${2 * n + 3}`), 'a=new']);
    expect(texts(ring.replay((topic) => topic === 'a'))).toEqual(['a=new']);
  });
});

describe('its limits', () => {
  test('bytes: the busy topic gives up its oldest messages, the quiet one none', () => {
    const { ring, add } = ringOf({ bytes: 64 << 10 });
    add('quiet', 'first');
    for (let n = 0; n < 20_000; n++) {
      add('busy', `value ${n}`);
      expect(ring.bytes).toBeLessThanOrEqual(64 << 10);
    }
    const found = texts(ring.replay(all));
    expect(found[0]).toBe('quiet=first');
    expect(found.at(-1)).toBe('busy=value 19999');
    const busy = found.slice(1).map((text) => Number(text.split(' ')[1]));
    expect(busy).toEqual(busy.map((_, at) => busy[0] + at));
    expect(busy.length).toBeGreaterThan(1_500);
    expect(ring.evicted).toBe(20_001 - found.length);
    expect(ring.messages).toBe(found.length);
  });

  test('messages', () => {
    const { ring, add } = ringOf({ messages: 100 });
    for (let n = 0; n < 10_000; n++) {
      add(`t/${n % 7}`, 'x');
      expect(ring.messages).toBeLessThanOrEqual(100);
    }
    expect(ring.messages).toBeGreaterThan(60);
  });

  test('age', () => {
    const { ring, add } = ringOf({ ageMs: 1_000 });
    for (let time = 0; time <= 100_000; time += 10) {
      add(`t/${time % 3}`, String(time), time);
    }
    const times = texts(ring.replay(all)).map((text) => Number(text.split('=')[1]));
    expect(times.at(-1)).toBe(100_000);
    expect(times[0]).toBe(99_000);
    expect(ring.evicted).toBe(0);
  });

  test('a message that is larger than all is not stored', () => {
    const { ring, add } = ringOf({ bytes: 1_000 });
    add('a', 'small');
    add('a', 'x'.repeat(2_000));
    expect(texts(ring.replay(all))).toEqual(['a=small']);
    expect(ring.evicted).toBe(1);
  });

  test('smaller limits take hold at once', () => {
    const { ring, add } = ringOf();
    for (let n = 0; n < 1_000; n++) {
      add('a', 'x'.repeat(100));
    }
    ring.setLimits({ ...LIMITS, bytes: 10_000 });
    expect(ring.bytes).toBeLessThanOrEqual(10_000);
    expect(ring.messages).toBeGreaterThan(50);
  });

  test.each([
    [1, 8],
    [10, 50],
    [100, 200],
    [5_000, 8],
    [5_000, 300],
    [1, 10_000],
  ])('%d topics, payloads of %d bytes: at most 24 bytes a message in addition to the payloads', (topics, size) => {
    const { ring } = ringOf({ bytes: 256 << 20 });
    const payload = new Uint8Array(size);
    const messages = size > 1_000 ? 2_000 : 200_000;
    for (let n = 0; n < messages; n++) {
      ring.add({ ...LIVE, topic: `t/${n % topics}`, payload, time: n });
    }
    const beside = (ring.bytes - messages * size) / messages;
    expect(beside).toBeGreaterThanOrEqual(HEADER_BYTES);
    // In addition, the room that is free for the next messages.
    expect(ring.bytes).toBeLessThanOrEqual(messages * (size + HEADER_BYTES) * (65 / 64) + 4_096);
  });
});

test('adding and replaying agree with a plain list, whatever is added, given up and read meanwhile', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let run = 0; run < 20; run++) {
    const { ring, add } = ringOf({ bytes: 2_000 + random(20_000), messages: 50 + random(500) });
    const sent: string[] = [];
    const replays: Array<{ replay: Replay; read: string[] }> = [];
    for (let step = 0; step < 3_000; step++) {
      const topic = `t/${random(random(9) === 0 ? 200 : 4)}`;
      const text = `${step}${'x'.repeat(random(60))}`;
      sent.push(`${topic}=${text}`);
      add(topic, text);
      if (random(200) === 0) {
        replays.push({ replay: ring.replay(all), read: [] });
      }
      for (const { replay, read } of random(10) === 0 ? replays : []) {
        const message = replay.next();
        if (message !== undefined) {
          read.push(`${message.topic}=${new TextDecoder().decode(message.payload)}`);
        }
      }
    }
    const place = new Map(sent.map((text, at) => [text, at]));
    const left = texts(ring.replay(all));
    expect(left).toHaveLength(ring.messages);
    for (const found of [left, ...replays.map(({ replay, read }) => [...read, ...texts(replay)])]) {
      const places = found.map((text) => place.get(text)!);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(new Set(places).size).toBe(places.length);
      expect(places.at(-1)).toBe(sent.length - 1);
    }
    const perTopic = new Map<string, string[]>();
    for (const text of sent) {
      const [topic] = text.split('=');
      perTopic.set(topic, [...(perTopic.get(topic) ?? []), text]);
    }
    // Of each topic the newest are left, without a hole.
    for (const [topic, all] of perTopic) {
      const mine = left.filter((text) => text.startsWith(`${topic}=`));
      expect(mine).toEqual(all.slice(all.length - mine.length));
    }
  }
});
