export {
  type ColumnChunk,
  type ColumnSpec,
  type ColumnType,
  FloatPile,
  HISTORICAL,
  isNumeric,
  markOf,
  numbersOf,
  type Path,
  runsOf,
  type SeriesChunk,
  TIMED,
  timesOf,
  valueAt,
} from './batch';
export { halvesOf, readNotANumber, readNumber, writeNumber } from './cells';
export {
  createDecoder,
  DecodeFailure,
  GONE,
  type Decoded,
  type Decoder,
  type Format,
  type FormatOptions,
} from './decode';
export { parseQuantity, type Quantity } from './formats/quantity';
export { hashBytes, hashText } from './hash';
export { MAX_KEY_LENGTH, MAX_LABEL_LENGTH, PAYLOAD_LIMITS, type PayloadLimits } from './limits';
export { decodeDiscovery, type DiscoveryEntry, readEntries } from './discovery';
export type { AnnouncedStates } from './discovery-states';
export { formatPath, Namer, SCALAR } from './names';
export { PathError, parsePath } from './paths';
export { compileReading, type Reading, type ReadingSpec } from './reading';
export { type Row, Rows } from './rows';
export { SeriesBuilder } from './series-builder';
export { ShapedRow, Shaper, type UserProperties } from './shaper';
export { encodeRebirth, type RebirthAnswer, type RebirthAsker, type RebirthNeed } from './formats/sparkplug-rebirth';
export { createTimeReader, type TimeReader } from './times';
export { MAX_WORD_LENGTH, pairOf, type Tone, tonesOf, wordOf, type WordPair } from './word-pairs';
export { grafanaUnit } from './units';
