import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { withPalette } from './palette-png';

/** A chunk of a PNG: length, type, data, checksum. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG of three pixels a row, RGB. */
function picture(rows: number[][]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(3, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The colours of a PNG with a palette, row by row, in hexadecimal. */
function colorsOf(png: Buffer): string[] {
  const data: Record<string, Buffer> = {};
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const end = at + 8 + png.readUInt32BE(at);
    data[png.toString('latin1', at + 4, at + 8)] = png.subarray(at + 8, end);
    expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)));
  }
  const [width, rows] = [png.readUInt32BE(16), inflateSync(data['IDAT'])];
  return [...rows].flatMap((index, at) =>
    at % (width + 1) === 0 ? [] : [data['PLTE'].toString('hex', index * 3, index * 3 + 3)]
  );
}

test('the colours stay, whatever the filters of the rows', () => {
  const png = picture([
    [0, 255, 255, 255, 16, 32, 48, 255, 255, 255],
    [1, 16, 32, 48, 0, 0, 0, 1, 1, 1],
    [2, 0, 0, 0, 1, 0, 0, 0, 0, 0],
    [3, 10, 20, 30, 0, 0, 0, 0, 0, 0],
    [4, 0, 0, 0, 0, 0, 0, 2, 2, 2],
  ]);
  const colors = colorsOf(withPalette(png));
  const rows = Array.from({ length: 5 }, (_, row) => colors.slice(row * 3, row * 3 + 3).join(' '));
  expect(rows).toEqual([
    'ffffff 102030 ffffff',
    '102030 102030 112131',
    '102030 112030 112131',
    '122436 112233 112132',
    '122436 112233 132334',
  ]);
});

test('of many colours, the rare ones become similar ones', () => {
  const rows = Array.from({ length: 300 }, (_, n) => [0, n & 255, n >> 8, 7, 200, 100, 50, 200, 100, 50]);
  const colors = colorsOf(withPalette(picture(rows)));
  expect(new Set(colors).size).toBeLessThanOrEqual(256);
  expect(colors.filter((color) => color === 'c86432')).toHaveLength(600);
  for (const [n, color] of colors.filter((_, at) => at % 3 === 0).entries()) {
    expect(Math.abs(Number.parseInt(color.slice(0, 2), 16) - (n & 255))).toBeLessThan(16);
  }
});
