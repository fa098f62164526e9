import mqttPacket from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { PublishReader } from './publish-reader';

interface Heard {
  readonly messages: Array<{ topic: string; payload: string; retain: boolean }>;
  readonly rest: number[];
}

function listen(): { reader: PublishReader; heard: Heard } {
  const heard: Heard = { messages: [], rest: [] };
  const reader = new PublishReader(4, {
    onPublish: ({ topic, payload, retain }) =>
      heard.messages.push({ topic, payload: new TextDecoder().decode(payload), retain }),
    onRest: (bytes) => heard.rest.push(...bytes),
    onTooLarge: () => undefined,
  });
  return { reader, heard };
}

function publish(topic: string, payload: string, over: { qos?: 0 | 1 | 2; retain?: boolean } = {}): Uint8Array {
  const { qos = 0, retain = false } = over;
  return mqttPacket.generate({ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: 7 });
}

const PINGRESP = Uint8Array.of(0xd0, 0x00);
const SUBACK = Uint8Array.of(0x90, 0x03, 0x00, 0x01, 0x00);

describe('PublishReader', () => {
  test('hears messages of QoS 0 and passes on everything else, in order', () => {
    const { reader, heard } = listen();
    const qos1 = publish('b', 'two', { qos: 1 });
    reader.read(
      Buffer.concat([SUBACK, publish('a', '1', { retain: true }), qos1, PINGRESP, publish('ü/c', ''), PINGRESP])
    );
    expect(heard.messages).toEqual([
      { topic: 'a', payload: '1', retain: true },
      { topic: 'ü/c', payload: '', retain: false },
    ]);
    expect(heard.rest).toEqual([...SUBACK, ...qos1, ...PINGRESP, ...PINGRESP]);
  });

  test('puts packets together however the bytes are cut', () => {
    const stream = Buffer.concat([
      SUBACK,
      publish('topic/one', 'x'.repeat(200)),
      publish('t', 'y'.repeat(20_000), { qos: 2 }),
      publish('topic/two', 'z'.repeat(3)),
      PINGRESP,
    ]);
    const whole = listen();
    whole.reader.read(stream);
    expect(whole.heard.messages).toHaveLength(2);
    for (const size of [1, 2, 3, 5, 7, 100, 255, 4_096]) {
      const cut = listen();
      for (let at = 0; at < stream.length; at += size) {
        cut.reader.read(stream.subarray(at, at + size));
      }
      expect(cut.heard).toEqual(whole.heard);
    }
  });

  test('tells topics apart that differ in one byte, and knows them again', () => {
    const { reader, heard } = listen();
    const topics = Array.from({ length: 500 }, (_, i) => `device/${i}/temperature`);
    for (const topic of [...topics, ...topics]) {
      reader.read(publish(topic, topic));
    }
    expect(heard.messages.map(({ topic }) => topic)).toEqual([...topics, ...topics]);
    expect(heard.messages.every(({ topic, payload }) => topic === payload)).toBe(true);
  });

  test.each([
    ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a topic longer than its packet', [0x30, 0x04, 0x00, 0x09, 0x61, 0x62]],
    ['a packet too short for a topic', [0x30, 0x01, 0x00]],
  ])('leaves %s, and all that follows, to mqtt.js to refuse', (_, bytes) => {
    const { reader, heard } = listen();
    reader.read(PINGRESP);
    reader.read(Uint8Array.from(bytes));
    reader.read(publish('after', '1'));
    expect(heard.messages).toEqual([]);
    expect(heard.rest).toEqual([...PINGRESP, ...bytes, ...publish('after', '1')]);
  });

  test('a topic full of strange text is the same as mqtt.js would make it', () => {
    const { reader, heard } = listen();
    for (const topic of ['温度/室内', '🌡', 'a b+c', '/', 'x'.repeat(65_535)]) {
      reader.read(publish(topic, '1'));
      expect(heard.messages.at(-1)?.topic).toBe(topic);
    }
  });

  describe('with MQTT 5', () => {
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      contentType: 'text/plain',
      responseTopic: 'answer/here',
      correlationData: Buffer.from('abc'),
      userProperties: { site: 'north', line: ['1', '2'] },
      subscriptionIdentifier: [1, 300, 268_435_455],
    };
    const generate = (over: object): Uint8Array =>
      mqttPacket.generate(
        { cmd: 'publish', topic: 't', payload: 'hello', qos: 0, retain: false, dup: false, properties: over },
        { protocolVersion: 5 }
      );

    /** The user properties of the one message in there. */
    function userOf(bytes: Uint8Array, wanted: boolean): Array<[string, string]> | undefined {
      let found: Array<[string, string]> | undefined;
      const reader = new PublishReader(5, {
        onPublish: ({ userProperties }) => (found = userProperties && Object.entries(userProperties)),
        onRest: () => undefined,
        onTooLarge: () => undefined,
      });
      reader.readUserProperties = wanted;
      reader.read(bytes);
      return found;
    }

    function heard(bytes: Uint8Array, withUser = false): { payloads: string[]; ids: number[][]; rest: number } {
      const payloads: string[] = [];
      const ids: number[][] = [];
      let rest = 0;
      const reader = new PublishReader(5, {
        onPublish: ({ payload, subscriptionIdentifiers }) => {
          payloads.push(new TextDecoder().decode(payload));
          ids.push([...subscriptionIdentifiers]);
        },
        onRest: ({ length }) => (rest += length),
        onTooLarge: () => undefined,
      });
      reader.readUserProperties = withUser;
      reader.read(bytes);
      return { payloads, ids, rest };
    }

    test('reads the subscription identifiers among the other properties', () => {
      expect(heard(generate({}))).toEqual({ payloads: ['hello'], ids: [[]], rest: 0 });
      expect(heard(generate({ subscriptionIdentifier: 7 })).ids).toEqual([[7]]);
      expect(heard(generate(properties))).toEqual({ payloads: ['hello'], ids: [[1, 300, 268_435_455]], rest: 0 });
    });

    test('reads user properties where they are wanted: of a name that comes twice, the first', () => {
      const wanted = [
        ['site', 'north'],
        ['line', '1'],
      ];
      expect(userOf(generate(properties), true)).toEqual(wanted);
      expect(userOf(generate(properties), false)).toBeUndefined();
      expect(userOf(generate({ subscriptionIdentifier: 1 }), true)).toBeUndefined();
    });

    test('leaves a topic alias, and properties that do not fit, to mqtt.js', () => {
      const aliased = generate({ topicAlias: 3 });
      expect(heard(aliased)).toEqual({ payloads: [], ids: [], rest: aliased.length });
      const broken = generate({ subscriptionIdentifier: 7 });
      broken[5] = 0x7f; // the length of the properties, now beyond the packet
      expect(heard(broken)).toEqual({ payloads: [], ids: [], rest: broken.length });
    });

    test('never reads beyond a packet, whatever its bytes are', () => {
      const good = generate(properties);
      for (let at = 2; at < good.length; at++) {
        for (const value of [0x00, 0x0b, 0x26, 0x7f, 0x80, 0xff]) {
          const bytes = Uint8Array.from(good);
          bytes[at] = value;
          expect(() => heard(bytes)).not.toThrow();
          expect(() => heard(bytes, true)).not.toThrow();
        }
      }
    });
  });

  test('takes no packet that is larger than a tab can hold, and says so before it has come', () => {
    const sizes: number[] = [];
    let heard = 0;
    const reader = new PublishReader(4, {
      onPublish: () => heard++,
      onRest: () => heard++,
      onTooLarge: (bytes) => sizes.push(bytes),
    });
    // 0x30, then a Remaining Length of 20,000,000.
    reader.read(Uint8Array.of(0x30, 0x80, 0xda, 0xc4, 0x09, 0x00, 0x01, 0x74));
    expect(sizes).toEqual([20_000_005]);
    reader.read(publish('t', 'more'));
    expect(heard).toBe(0);
  });
});
