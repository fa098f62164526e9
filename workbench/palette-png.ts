import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Colours of the palette: those that are used most, and for the others the mean of similar ones. */
const EXACT = 160;
const SIMILAR = 96;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Writes a PNG with a palette of 256 colours, which pictures of web pages need hardly more of. It has a third of the size
 * of the one that Chromium writes.
 *
 * @param png of 8 bits a channel, without interlacing, as Chromium's are
 */
export function withPalette(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const { palette, indexOf } = paletteOf(pixels);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = indexOf(pixels[y * width + x]);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The colours of all pixels, as 0xRRGGBB. */
function decode(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    }
  }
  const bytes = unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels);
  const pixels = new Uint32Array(width * height);
  for (let n = 0; n < pixels.length; n += 1) {
    const at = n * channels;
    pixels[n] = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  }
  return { width, height, pixels };
}

/** Undoes the filter of each row (PNG specification, section 9). */
function unfilter(rows: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < channels ? 0 : bytes[at - channels];
      const up = y === 0 ? 0 : bytes[at - stride];
      const corner = x < channels || y === 0 ? 0 : bytes[at - stride - channels];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      bytes[at] = rows[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return bytes;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((each) => Math.abs(estimate - each));
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

function paletteOf(pixels: Uint32Array): { palette: number[]; indexOf: (color: number) => number } {
  const counts = new Map<number, number>();
  pixels.forEach((color) => counts.set(color, (counts.get(color) ?? 0) + 1));
  const byUse = [...counts].toSorted(([, a], [, b]) => b - a);
  const similar = new Map<number, { count: number; sums: [number, number, number] }>();
  for (const [color, count] of byUse.slice(EXACT)) {
    // Four bits of each channel
    const key = color & 0xf0f0f0;
    const group = similar.get(key) ?? { count: 0, sums: [0, 0, 0] };
    group.count += count;
    channelsOf(color).forEach((value, index) => {
      group.sums[index] += value * count;
    });
    similar.set(key, group);
  }
  const palette = byUse.slice(0, EXACT).map(([color]) => color);
  const means = [...similar.values()].map(({ count, sums }) => {
    const color = sums.reduce((mean, sum) => (mean << 8) | Math.round(sum / count), 0);
    return { color, count, far: Math.min(...palette.map((each) => distance(each, color))) };
  });
  for (let n = 0; n < Math.min(SIMILAR, means.length); n += 1) {
    // Not those of most pixels, or a small logo would get the colours of something large
    const worst = means.reduce((one, other) => (other.far * other.count > one.far * one.count ? other : one));
    palette.push(worst.color);
    means.forEach((each) => (each.far = Math.min(each.far, distance(each.color, worst.color))));
  }
  const known = new Map(palette.map((color, index) => [color, index]));
  const indexOf = (color: number): number => {
    const index = known.get(color) ?? nearest(palette, color);
    known.set(color, index);
    return index;
  };
  return { palette, indexOf };
}

function nearest(palette: readonly number[], color: number): number {
  let best = 0;
  let least = Infinity;
  for (const [index, each] of palette.entries()) {
    const far = distance(each, color);
    if (far < least) {
      least = far;
      best = index;
    }
  }
  return best;
}

/** The square of how far two colours are from each other. */
function distance(one: number, other: number): number {
  const wanted = channelsOf(other);
  return channelsOf(one).reduce((sum, value, channel) => sum + (value - wanted[channel]) ** 2, 0);
}

function channelsOf(color: number): [red: number, green: number, blue: number] {
  return [color >> 16, (color >> 8) & 255, color & 255];
}
