import { describe, expect, test } from 'vitest';
import { readFixedHeader } from '../../src/utils/fixed-header';
import { PacketLimiter, type PacketError } from '../transport/packet-limiter';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('PacketLimiter', () => {
  test.each([
    ['PINGREQ', 'c0 00'],
    ['two packets', 'c0 00 c0 00'],
    ['a packet of just the cap', `30 7e ${'00'.repeat(126)}`],
    ['PINGREQ after a body', `30 02 ffff c0 00`],
  ])('lets %s pass, whole and byte by byte', (_what, bytes) => {
    expect(new PacketLimiter({ name: 'packetBytes', bytes: 128 }).take(hex(bytes)).fault).toBeUndefined();
    const bytewise = new PacketLimiter({ name: 'packetBytes', bytes: 128 });
    expect([...hex(bytes)].map((byte) => bytewise.take(Uint8Array.of(byte)).fault)).not.toContainEqual(
      expect.anything()
    );
  });

  test.each([
    ['one byte over the cap', '30 7f', 1009, /129 bytes is over the limit of 128/],
    ['the largest there is, before its body', '10 ff ff ff 7f', 1009, /268435460 bytes/],
    ['a length of five bytes', '30 ff ff ff ff', 1002, /Malformed remaining length/],
    ['a second packet over the cap', '30 02 0000 30 ff 7f', 1009, /over the limit/],
  ])('refuses %s', (_what, bytes, closeCode, message) => {
    for (const step of [1, 2, 1_000]) {
      const cap = new PacketLimiter({ name: 'packetBytes', bytes: 128 });
      const all = hex(bytes);
      let fault: PacketError | undefined;
      for (let at = 0; at < all.length && !fault; at += step) {
        ({ fault } = cap.take(all.subarray(at, at + step)));
      }
      expect(fault).toMatchObject({ closeCode, message: expect.stringMatching(message) });
    }
  });

  test.each([
    ['30 00', 0],
    ['30 7f', 127],
    ['30 80 01', 128],
    ['30 ff 7f', 16_383],
    ['30 80 80 01', 16_384],
    ['30 ff ff 7f', 2_097_151],
    ['30 80 80 80 01', 2_097_152],
    ['30 ff ff ff 7f', 268_435_455],
  ])('reads the Remaining Length of %s as readFixedHeader does: %i', (text, length) => {
    const bytes = hex(text);
    const header = { body: 0, end: 0 };
    expect(readFixedHeader(bytes, 0, header)).toBe('complete');
    expect(header).toEqual({ body: bytes.length, end: bytes.length + length });
    for (const step of [1, 2, 1_000]) {
      const limiter = new PacketLimiter({ name: 'packetBytes', bytes: header.end - 1 });
      let message: string | undefined;
      for (let at = 0; at < bytes.length; at += step) {
        message = limiter.take(bytes.subarray(at, at + step)).fault?.message;
      }
      expect(message).toBe(
        `Packet of ${header.end} bytes is over the limit of ${header.end - 1} bytes (limits.packetBytes)`
      );
    }
  });

  test('SUBSCRIBE and UNSUBSCRIBE may have a smaller limit', () => {
    const limiter = (): PacketLimiter =>
      new PacketLimiter({ name: 'packetBytes', bytes: 128 }, { name: 'subscriptionBytesPerClient', bytes: 64 });
    for (const type of ['82', 'a2']) {
      expect(limiter().take(hex(`${type} 3e`)).fault).toBeUndefined();
      expect(limiter().take(hex(`${type} 3f`)).fault?.message).toBe(
        'Packet of 65 bytes is over the limit of 64 bytes (limits.subscriptionBytesPerClient)'
      );
    }
    expect(limiter().take(hex('30 7e')).fault).toBeUndefined();
  });

  test('stops after the packet that reaches the work limit, and continues there', () => {
    const publish = '30 04 00 01 61 62';
    const subscribe = '82 06 00 01 00 01 61 00';
    const all = hex([publish, publish, subscribe, publish, publish, 'c0 00'].join(''));
    const cap = new PacketLimiter({ name: 'packetBytes', bytes: 128 });
    const pieces: number[] = [];
    for (let at = 0; at < all.length; at += pieces.at(-1)!) {
      pieces.push(cap.take(all.subarray(at), 3).taken);
    }
    expect(pieces).toEqual([20, 14]);
    expect(cap.takeCounts()).toEqual({ publishes: 4, subscribes: 1 });
    expect(cap.takeCounts()).toEqual({ publishes: 0, subscribes: 0 });
    // A packet that continues in the next chunk is read to its end
    expect(cap.take(hex(`30 04 00 01`), 1).taken).toBe(4);
    expect(cap.take(hex(`61 62 ${publish} ${publish}`), 1).taken).toBe(8);
    cap.take(hex(`82 7e ${'00'.repeat(126)} a2 02 0000`));
    expect(cap.takeCounts()).toEqual({ publishes: 2, subscribes: 3 });
  });
});
