export type { ColumnChunk, ColumnSpec, ColumnType, Path, SeriesChunk } from './batch';
export { halvesOf, readNotANumber, readNumber, writeNumber } from './cells';
export { createDecoder, DecodeFailure, GONE, type Decoded, type Decoder, type Format } from './decode';
export { formatPath, Namer } from './names';
export { MAX_DEPTH, MAX_FIELDS, SeriesBuilder } from './series-builder';
