/** The formats that are a part of the engine: see `parts.ts`. */
export { BinaryReasons } from './binary-hint';
export { readCbor } from './cbor';
export { CsvReader } from './csv';
export { createFixedReader } from './fixed';
export { inflate } from './inflate';
export { InfluxReader } from './influx';
export { readNearJson, readNestedJson } from './json/near-json';
export { readOtherText } from './other-text';
export { readMsgpack } from './msgpack';
export { createRegexReader } from './regex/regex';
export { readSenmlCbor, readSenmlValue, SenmlReader } from './senml';
export { isCborArray } from './senml-cbor';
export { unwrapped } from './unwrap';
export { itemsOf } from '../rows/row-items';
export { compileFormat } from '../time/time-format';
export { expectRepairs, parseRepaired } from './json/repaired';
