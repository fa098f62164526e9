import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Packet } from 'mqtt-packet';
import { encodeRebirth } from '../payload';
import { eventually, TestEngine } from '../testing/test-engine';
import { ScriptedBroker } from '../testing/scripted-broker';
import { matcherOf } from './history/filter-matcher';
import { RebirthRequester } from './rebirth-requester';

const NODE = 'spBv1.0/Plant/NCMD/Edge';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_715_945_460_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(random = 0) {
  const asked: string[] = [];
  const link = { up: true };
  const payloads: Uint8Array[] = [];
  const rebirths = new RebirthRequester({
    publish: (topic, payload) => {
      if (link.up) {
        asked.push(topic);
        payloads.push(payload);
      }
      return link.up;
    },
    encode: encodeRebirth,
    now: () => Date.now(),
    random: () => random,
  });
  /** A message every second, as of a node that goes on sending without its births. */
  const needFor = (ms: number, node = NODE): void => {
    for (let waited = 0; waited < ms; waited += 1_000) {
      rebirths.request(node);
      vi.advanceTimersByTime(1_000);
    }
  };
  return { rebirths, asked, payloads, link, needFor };
}

test('asks after a while that is drawn by lot, within five seconds, with the time of asking', () => {
  const { rebirths, asked, payloads } = setUp(0.999);
  expect(rebirths.request(NODE)).toBe('requested');
  rebirths.request(NODE);
  vi.advanceTimersByTime(4_900);
  expect(asked).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(asked).toEqual([NODE]);
  expect(payloads).toEqual([encodeRebirth(Date.now() - 5)]);
});

test('does not ask where a birth came first, which another tab has asked for', () => {
  const [first, second] = [setUp(0.1), setUp(0.9)];
  first.rebirths.request(NODE);
  second.rebirths.request(NODE);
  vi.advanceTimersByTime(600);
  expect(first.asked).toEqual([NODE]);
  second.rebirths.onBirth(NODE);
  vi.advanceTimersByTime(HOUR);
  expect(second.asked).toEqual([]);
});

describe('a node that does not answer', () => {
  test('gets at most one request a minute, and each next one after twice the time, up to an hour', () => {
    const { asked, needFor } = setUp();
    needFor(59_000);
    expect(asked).toHaveLength(1);
    needFor(3_000);
    expect(asked).toHaveLength(2);
    needFor(110_000);
    expect(asked).toHaveLength(2);
    needFor(20_000);
    expect(asked).toHaveLength(3);
    needFor(24 * HOUR);
    // 1 + 2 + 4 + … + 32 minutes, then once an hour.
    expect(asked.length).toBeGreaterThan(24);
    expect(asked.length).toBeLessThan(33);
  });

  test('is another story after hours in which nothing was missing', () => {
    const { asked, needFor } = setUp();
    needFor(10 * MINUTE);
    const before = asked.length;
    vi.advanceTimersByTime(3 * HOUR);
    needFor(MINUTE + 2_000);
    expect(asked).toHaveLength(before + 2);
  });

  test('does not keep others waiting', () => {
    const { asked, needFor } = setUp();
    needFor(5_000);
    needFor(5_000, 'spBv1.0/Plant/NCMD/Other');
    expect(asked).toEqual([NODE, 'spBv1.0/Plant/NCMD/Other']);
  });
});

test('a birth between two asks changes nothing in how often a node is asked', () => {
  const { rebirths, asked, needFor } = setUp();
  needFor(2_000);
  rebirths.onBirth(NODE);
  needFor(55_000);
  expect(asked).toHaveLength(1);
});

describe('the connection', () => {
  test('that is not there is no ask', () => {
    const { asked, link, needFor } = setUp();
    link.up = false;
    needFor(3_000);
    link.up = true;
    needFor(1_000);
    expect(asked).toHaveLength(1);
  });

  test('that ends soon after an ask was ended over it: nobody is asked for an hour', () => {
    const { rebirths, asked, needFor } = setUp();
    rebirths.request(NODE);
    vi.advanceTimersByTime(500);
    rebirths.onDisconnected();
    expect(rebirths.request('spBv1.0/Plant/NCMD/Other')).toBe('refused');
    needFor(HOUR - MINUTE);
    expect(asked).toHaveLength(1);
    needFor(2 * MINUTE);
    expect(asked.length).toBeGreaterThan(1);
  });

  test('that ends for another reason repeats the requests that were due', () => {
    const { rebirths, asked, needFor } = setUp(0.9);
    rebirths.request(NODE);
    rebirths.onDisconnected();
    vi.advanceTimersByTime(MINUTE);
    expect(asked).toEqual([]);
    expect(rebirths.request(NODE)).toBe('requested');
    needFor(6_000);
    expect(asked).toHaveLength(1);
  });
});

test('asks nobody once it is stopped, and holds so many nodes and no more', () => {
  const { rebirths, asked } = setUp();
  for (let i = 0; i < 5_000; i++) {
    rebirths.request(`spBv1.0/Plant/NCMD/${i}`);
  }
  expect(vi.getTimerCount()).toBe(1_000);
  rebirths.stop();
  vi.advanceTimersByTime(HOUR);
  expect(asked).toEqual([]);
});

describe('filters that bring what a rebirth brings', () => {
  test.each([
    [['spBv1.0/#'], ['spBv1.0/Plant/DBIRTH/Edge/Pump'], true],
    [['spBv1.0/+/DDATA/#'], ['spBv1.0/Plant/DBIRTH/Edge/Pump'], false],
    [['spBv1.0/+/DDATA/#', 'spBv1.0/Plant/DBIRTH/+/Pump'], ['spBv1.0/Plant/DBIRTH/Edge/Pump'], true],
    [['spBv1.0/Plant/+/Edge/Pump'], ['spBv1.0/Plant/NBIRTH/Edge', 'spBv1.0/Plant/DBIRTH/Edge/\u0001'], false],
    [['$share/g/spBv1.0/#'], ['spBv1.0/Plant/NBIRTH/Edge'], true],
  ])('%j: %j', (filters, topics, bring) => {
    expect(topics.every(matcherOf(filters))).toBe(bring);
  });
});

describe.each([4, 5] as const)('over MQTT %i', (protocolVersion) => {
  /** DDATA with the metric of alias 7, an Int32 of 1. */
  const data = { topic: 'spBv1.0/Plant/DDATA/Edge/Pump', payload: Buffer.from('1206100720035001', 'hex') };

  async function asked(sparkplugRebirth: boolean): Promise<Packet[]> {
    vi.useRealTimers();
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, { protocolVersion, sparkplugRebirth }, { random: () => 0 });
    engine.open(1, { filters: ['spBv1.0/#'] });
    await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
    for (let failed = 1; failed <= 3; failed++) {
      const named = protocolVersion === 5 ? { properties: { subscriptionIdentifier: 1 } } : {};
      broker.last.send({ cmd: 'publish', ...data, qos: 0, retain: false, dup: false, ...named });
      await expect.poll(() => engine.all('batch').at(-1)?.streams[0].stats.failed, eventually).toBe(failed);
    }
    const published = (): Packet[] => broker.last.sent.filter(({ cmd }) => cmd === 'publish');
    await expect.poll(() => published().length, eventually).toBe(sparkplugRebirth ? 1 : 0);
    return published();
  }

  test('one command goes out, with QoS 0 and not retained, for all that is missing', async () => {
    expect(await asked(true)).toEqual([
      expect.objectContaining({ topic: NODE, qos: 0, retain: false, dup: false, payload: expect.any(Buffer) }),
    ]);
  });

  test('nothing goes out without the setting', async () => {
    expect(await asked(false)).toEqual([]);
  });
});
