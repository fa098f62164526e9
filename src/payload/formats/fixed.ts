import { DecodeFailure, type Decoded } from '../decoded';
import { count } from '../../utils/format-number';
import { quote } from '../../utils/quote';
import type { BinaryFormat, FormatOptions } from '.';
import { exactInt64, exactUint64 } from './values';

type Read = (view: DataView, offset: number, little: boolean) => number | string;

const READ: Readonly<Record<BinaryFormat, Read>> = {
  int8: (view, offset) => view.getInt8(offset),
  uint8: (view, offset) => view.getUint8(offset),
  int16: (view, offset, little) => view.getInt16(offset, little),
  uint16: (view, offset, little) => view.getUint16(offset, little),
  int32: (view, offset, little) => view.getInt32(offset, little),
  uint32: (view, offset, little) => view.getUint32(offset, little),
  int64: (view, offset, little) => exactInt64(...halves(view, offset, little)),
  uint64: (view, offset, little) => exactUint64(...halves(view, offset, little)),
  float32: (view, offset, little) => view.getFloat32(offset, little),
  float64: (view, offset, little) => view.getFloat64(offset, little),
};

function halves(view: DataView, offset: number, little: boolean): [high: number, low: number] {
  const [first, second] = [view.getUint32(offset, little), view.getUint32(offset + 4, little)];
  return little ? [second, first] : [first, second];
}

/**
 * The formats `int8` … `float64`: one number; what lies before and behind it is left alone.
 *
 * @param format may be one that a query of a newer version of this plugin has.
 */
export function createFixedReader(
  format: BinaryFormat,
  { byteOrder = 'big', offset = 0 }: Pick<FormatOptions, 'byteOrder' | 'offset'>
): (bytes: Uint8Array) => Decoded {
  if (!Object.hasOwn(READ, format)) {
    const failure = new DecodeFailure(`There is no format ${quote(format)}: the query was made by a newer version.`);
    return () => failure;
  }
  const read = READ[format];
  const size = Number(/\d+/.exec(format)![0]) / 8;
  // `badc` has its bytes as little endian does, once its registers are turned around.
  const little = byteOrder === 'little' || byteOrder === 'badc';
  const turned = byteOrder === 'cdab' || byteOrder === 'badc';
  if (!Number.isSafeInteger(offset) || offset < 0) {
    return () => new DecodeFailure(`The offset ${offset} is not a number of bytes: 0 or more, and whole.`);
  }
  return (bytes) =>
    bytes.length < offset + size
      ? new DecodeFailure(
          `The payload is too short: it has ${count(bytes.length, 'byte')}, and the ${format} at offset ${offset} ends at byte ${offset + size}.`
        )
      : turned
        ? read(turnedRegisters(bytes, offset, size), 0, little)
        : read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset, little);
}

/** The bytes of a number with its registers of two bytes in the opposite order. */
function turnedRegisters(bytes: Uint8Array, offset: number, size: number): DataView {
  const view = new DataView(new ArrayBuffer(size));
  for (let i = 0; i < size; i++) {
    view.setUint8(i, bytes[offset + (size === 1 ? 0 : size - 2 - (i & ~1) + (i & 1))]);
  }
  return view;
}
