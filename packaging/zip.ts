import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive. */
export interface ArchiveFile {
  /** With forward slashes, without a leading one. */
  path: string;
  content: Buffer;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
/** Version 2.0, which has folders and deflate. */
const VERSION = 20;
/** Made on Unix, whose permissions are in the upper half of the external attributes. */
const MADE_BY = (3 << 8) | VERSION;
const REGULAR_FILE = 0o100644;
/** Bit 11: names are UTF-8. */
const FLAGS = 1 << 11;
const DEFLATE = 8;

/**
 * A ZIP archive (PKWARE APPNOTE 6.3) of files, sorted by path. The same files and time give the same bytes, so that
 * anyone can build a release again and compare it.
 *
 * @param modified of every file; the format has no time zone and no odd seconds, so UTC is written, rounded down
 * @throws RangeError if a name or the archive does not fit the format without its 64-bit extension
 */
export function zip(files: readonly ArchiveFile[], modified: Date): Buffer {
  const time = dosTime(modified);
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, content } of sorted) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content, { level: 9 });
    // The fields that both headers have, from the version on
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(FLAGS, 2);
    common.writeUInt16LE(DEFLATE, 4);
    common.writeUInt32LE(time, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);

    const entry = Buffer.concat([uint32(LOCAL_HEADER), common, name, data]);
    const attributes = Buffer.alloc(14);
    attributes.writeUInt32LE((REGULAR_FILE << 16) >>> 0, 6);
    attributes.writeUInt32LE(offset, 10);
    local.push(entry);
    central.push(Buffer.concat([uint32(CENTRAL_HEADER), uint16(MADE_BY), common, attributes, name]));
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(sorted.length, 4);
  end.writeUInt16LE(sorted.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, uint32(END), end]);
}

/** Date and time of MS-DOS: the date in the upper half. */
function dosTime(time: Date): number {
  const date = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  return ((date << 16) | clock) >>> 0;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
