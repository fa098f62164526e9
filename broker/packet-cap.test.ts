import { describe, expect, test } from 'vitest';
import { PacketCap } from './packet-cap';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('PacketCap', () => {
  test.each([
    ['PINGREQ', 'c0 00'],
    ['two packets', 'c0 00 c0 00'],
    ['a packet of just the cap', `30 7e ${'00'.repeat(126)}`],
    ['PINGREQ after a body', `30 02 ffff c0 00`],
  ])('lets %s pass, whole and byte by byte', (_what, bytes) => {
    expect(new PacketCap(128).take(hex(bytes))).toBeUndefined();
    const bytewise = new PacketCap(128);
    expect([...hex(bytes)].map((byte) => bytewise.take(Uint8Array.of(byte)))).not.toContainEqual(expect.anything());
  });

  test.each([
    ['one byte over the cap', '30 7f', 1009, /129 bytes is over the limit of 128/],
    ['the largest there is, before its body', '10 ff ff ff 7f', 1009, /268435460 bytes/],
    ['a length of five bytes', '30 ff ff ff ff', 1002, /Malformed remaining length/],
    ['a second packet over the cap', '30 02 0000 30 ff 7f', 1009, /over the limit/],
  ])('refuses %s', (_what, bytes, closeCode, message) => {
    for (const step of [1, 2, 1_000]) {
      const cap = new PacketCap(128);
      const all = hex(bytes);
      let fault;
      for (let at = 0; at < all.length && !fault; at += step) {
        fault = cap.take(all.subarray(at, at + step));
      }
      expect(fault).toMatchObject({ closeCode, message: expect.stringMatching(message) });
    }
  });
});
