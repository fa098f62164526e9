import { crc32, inflateRawSync } from 'node:zlib';

/**
 * The files of a ZIP archive, by its central directory.
 *
 * @throws Error if a checksum, a size or a header is wrong
 */
export function readZip(archive: Buffer): Map<string, Buffer> {
  const end = archive.length - 22;
  let at = archive.readUInt32LE(end + 16);
  const count = archive.readUInt16LE(end + 10);
  const files = new Map<string, Buffer>();
  for (let n = 0; n < count; n += 1) {
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const offset = archive.readUInt32LE(at + 42);
    const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
    const content = inflateRawSync(archive.subarray(start, start + archive.readUInt32LE(at + 20)));
    if (
      archive.readUInt32LE(at) !== 0x02014b50 ||
      archive.readUInt32LE(offset) !== 0x04034b50 ||
      archive.toString('utf8', offset + 30, offset + 30 + nameLength) !== name ||
      content.length !== archive.readUInt32LE(at + 24) ||
      crc32(content) !== archive.readUInt32LE(at + 16)
    ) {
      throw new Error(`${name} is damaged`);
    }
    files.set(name, content);
    at += 46 + nameLength;
  }
  if (at !== end) {
    throw new Error('The central directory does not end where the archive says');
  }
  return files;
}
