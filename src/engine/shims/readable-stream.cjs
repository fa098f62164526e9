// The part of the package `readable-stream` that mqtt.js and the transport use. Its entry point adds operators,
// pipelines and conversions to and from other streams, which are half of its size.
const { Stream } = require('readable-stream/lib/internal/streams/legacy');

// The entry point sets both, and the streams call them.
Stream._isUint8Array = (value) => value instanceof Uint8Array;
Stream._uint8ArrayToBuffer = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength);

exports.Readable = require('readable-stream/lib/internal/streams/readable');
exports.Writable = require('readable-stream/lib/internal/streams/writable');
exports.Duplex = require('readable-stream/lib/internal/streams/duplex');
