// In place of the package `buffer` (28 kB with what it brings): the members of Node's Buffer that mqtt.js, mqtt-packet
// and bl use, for UTF-8 only. Conversions are the browser's own, which are faster than the package's.
const encoder = new TextEncoder();
// A BOM is a character of an MQTT string like any other [MQTT-1.5.4-3].
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const UTF8 = /^utf-?8$/i;

/** @param {unknown} encoding */
function check(encoding) {
  if (encoding !== undefined && !UTF8.test(String(encoding))) {
    throw new TypeError(`Only UTF-8 is in the bundle, and not ${String(encoding)}.`);
  }
}

class Buffer extends Uint8Array {
  /** A view of an ArrayBuffer; else a copy. */
  static from(value, encodingOrOffset, length) {
    if (typeof value === 'string') {
      check(encodingOrOffset);
      const bytes = encoder.encode(value);
      return new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return value instanceof ArrayBuffer ? new Buffer(value, encodingOrOffset, length) : new Buffer(value);
  }

  static alloc(size) {
    return new Buffer(size);
  }

  static allocUnsafe(size) {
    return new Buffer(size);
  }

  static concat(list, length = list.reduce((sum, each) => sum + each.length, 0)) {
    const whole = new Buffer(length);
    let at = 0;
    for (const each of list) {
      whole.set(at + each.length > length ? each.subarray(0, length - at) : each, at);
      at += each.length;
      if (at >= length) {
        break;
      }
    }
    return whole;
  }

  static isBuffer(value) {
    return value instanceof Buffer;
  }

  static byteLength(value) {
    return typeof value === 'string' ? encoder.encode(value).length : value.byteLength;
  }

  /** A view, as Node's has it, and no copy as of an Uint8Array. */
  slice(start, end) {
    return this.subarray(start, end);
  }

  copy(target, targetStart = 0, start = 0, end = this.length) {
    const piece = this.subarray(start, Math.min(end, start + target.length - targetStart));
    target.set(piece, targetStart);
    return piece.length;
  }

  write(text, at = 0) {
    return encoder.encodeInto(text, this.subarray(at)).written;
  }

  toString(encoding, start, end) {
    check(encoding);
    return decoder.decode(start === undefined && end === undefined ? this : this.subarray(start, end));
  }

  readUInt8(at = 0) {
    return this[at];
  }

  readUInt16BE(at = 0) {
    return this[at] * 0x100 + this[at + 1];
  }

  readUInt32BE(at = 0) {
    return this.readUInt16BE(at) * 0x10000 + this.readUInt16BE(at + 2);
  }

  writeUInt8(value, at = 0) {
    this[at] = value;
    return at + 1;
  }

  writeUInt16BE(value, at = 0) {
    this[at] = value >>> 8;
    this[at + 1] = value;
    return at + 2;
  }

  writeUInt32BE(value, at = 0) {
    this.writeUInt16BE(value >>> 16, at);
    return this.writeUInt16BE(value, at + 2);
  }
}

exports.Buffer = Buffer;
