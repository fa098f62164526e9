export {
  type ColumnChunk,
  type ColumnSpec,
  type ColumnType,
  NumberBuffer,
  FORECAST,
  HISTORICAL,
  RETAINED,
  isNumeric,
  flagsOf,
  hasOwnTimes,
  numbersOf,
  type Path,
  runsOf,
  type SeriesChunk,
  SAME_TIME,
  SPREAD,
  TIMED,
  timesOf,
  valueAt,
} from './columns/batch';
export { halvesOf, readNotANumber, readNumber, writeNumber } from './columns/cells';
export { createDecoder, DecodeFailure, CLEARED, type Decoded, type Decoder } from './decode';
// Types only: who offers the formats to people imports the catalogue itself, and the engine needs no labels.
export type { BinaryFormat, Compression, FormatOptions, PayloadFormat } from './formats';
export { parseQuantity, type Quantity } from './units/quantity';
export { hashBytes, hashText } from './hash';
export { MAX_KEY_LENGTH, MAX_LABEL_LENGTH, PAYLOAD_LIMITS, type PayloadLimits } from './limits';
export { lazyFormats, sparkplug } from './formats/parts';
export { decoderOf, PartPending } from './part';
export { formatPath, Namer, SCALAR } from './columns/names';
export { nestedJson } from './nested-json';
export { PathError, parsePath } from './paths';
export { checkRowMapping } from './rows/check-mapping';
export {
  compileCheckedMapping,
  compileRowMapping,
  type FieldChoice,
  type FillMode,
  type LabelChoice,
  type RowMapping,
  type RowMappingSpec,
  type TimeChoice,
} from './rows/mapping';
export type { RowsAs } from './rows/row-items';
export type { MappingChoice } from './rows/value-mappings';
export { isPlain, type Row, Rows } from './rows/rows';
export { SeriesBuilder } from './columns/series-builder';
export { ExtractedRow, type UserProperties } from './rows/extracted-row';
export { type MessageContext, RowExtractor } from './rows/extractor';
export {
  encodeRebirth,
  type RebirthOutcome as RebirthAnswer,
  type RebirthRequests,
  type RebirthNeed,
} from './formats/sparkplug/rebirth';
export { standstill } from './time/forecasts';
export { createAutomaticTimeReader, createTimeReader, isPattern, type TimeReader } from './time/times';
export { MAX_WORD_LENGTH, pairOf, type Tone, tonesOf, wordOf, type WordPair } from './word-pairs';
export { grafanaUnit } from './units/units';
