import { PbfReader } from 'pbf';
import { MAX_NESTING } from '../../decoded';
import { readSparkplugValue, type SparkplugValue } from './values';
import { exactUint64, FreeKeys, setOwn } from '../values';
import { count } from '../../../utils/format-number';

/**
 * The messages of Sparkplug B as they lie in the payload (sparkplug_b.proto of the specification, 6.4.1), read
 * field by field with pbf's reader, and checked: pbf itself passes over lengths that lie and what was cut off.
 */

export interface SparkplugPayload {
  timestamp?: number;
  seq?: number;
  uuid?: string;
  readonly metrics: SparkplugMetric[];
}

export interface SparkplugMetric {
  name?: string;
  alias?: number | string;
  timestamp?: number;
  datatype?: number;
  historical?: boolean;
  isNull?: boolean;
  /** The unit in its properties. */
  unit?: string;
  /** Its encoded value; the datatype says how to read it. */
  raw?: SparkplugValue | SparkplugTemplate;
}

/** Metrics that belong together, which births name as they do those of devices. */
export interface SparkplugTemplate {
  /** Its parameters are among them. */
  readonly members: SparkplugMetric[];
  /** It says what such templates are like, and holds no values of anything. */
  isDefinition: boolean;
}

/** Names of the property that holds a unit, in small letters: Ignition's, and what else is written. */
const UNIT_KEYS = new Set(['engunit', 'engunits', 'engineeringunits', 'engineering units', 'unit', 'units', 'uom']);

/** @throws {Error} where the bytes are something else. */
export function readPayload(bytes: Uint8Array): SparkplugPayload {
  const payload: SparkplugPayload = { timestamp: undefined, seq: undefined, uuid: undefined, metrics: [] };
  const pbf = readerOf(bytes);
  const end = bytes.length;
  for (let field = nextField(pbf, end); field !== 0; field = nextField(pbf, end)) {
    switch (field) {
      case 1:
        payload.timestamp = readTime(pbf);
        break;
      case 2:
        payload.metrics.push(readMetric(pbf, MAX_NESTING));
        break;
      case 3:
        payload.seq = readLow(pbf);
        break;
      case 4:
        payload.uuid = pbf.readString();
        break;
    }
  }
  return payload;
}

const reader = new PbfReader(new Uint8Array(0));

/** One reader for all payloads: a new one has a view of the bytes, which takes longer than reading a metric. */
function readerOf(bytes: Uint8Array): PbfReader {
  reader.buf = bytes;
  reader.pos = 0;
  reader.length = bytes.length;
  return reader;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Copies bytes to where a float can be read. @throws {Error} where there are not so many. */
function copyBytes(pbf: PbfReader, length: 4 | 8): DataView {
  const { buf, pos } = pbf;
  if (pos + length > pbf.length) {
    throw new Error('a number does not end');
  }
  for (let i = 0; i < length; i++) {
    scratch.setUint8(i, buf[pos + i]);
  }
  pbf.pos = pos + length;
  return scratch;
}

/**
 * The number of the next field of a message that ends there; 0 at its end. What was not read is passed over.
 *
 * @throws {Error} where the fields do not end where the message does.
 */
function nextField(pbf: PbfReader, end: number): number {
  const field = pbf.pos > end ? 0 : pbf.nextField(end);
  if (field === 0 && pbf.pos !== end) {
    throw new Error(`a field continues after byte ${end}, where its message ends`);
  }
  return field;
}

/** Reads the length of a message within another. @returns where it ends. */
function readEnd(pbf: PbfReader, levels: number): number {
  if (levels === 0) {
    throw new Error(`it has more than ${MAX_NESTING} levels of nesting`);
  }
  // In this order: reading the length moves the position.
  const length = pbf.readVarint();
  const end = pbf.pos + length;
  if (!(end <= pbf.length)) {
    throw new Error(`a field ends at byte ${end}, but the payload has only ${count(pbf.length, 'byte')}`);
  }
  return end;
}

/** Calls for each field of a message. */
function readMessage(pbf: PbfReader, levels: number, read: (field: number) => void): void {
  const end = readEnd(pbf, levels);
  for (let field = nextField(pbf, end); field !== 0; field = nextField(pbf, end)) {
    read(field);
  }
}

/** The halves of the integer that was read last, without an object for each. */
let low = 0;
let high = 0;

/** Reads an integer of 64 bits; what has fewer lies in the lower half. */
function readInteger(pbf: PbfReader): void {
  low = 0;
  high = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = pbf.buf[pbf.pos++];
    if (byte === undefined || shift > 63) {
      throw new Error('an integer does not end');
    }
    const bits = byte & 0x7f;
    if (shift < 28) {
      low |= bits << shift;
    } else if (shift === 28) {
      low |= bits << 28;
      high = bits >> 4;
    } else {
      high |= bits << (shift - 32);
    }
    if (byte < 0x80) {
      low >>>= 0;
      high >>>= 0;
      return;
    }
  }
}

function readLow(pbf: PbfReader): number {
  readInteger(pbf);
  return low;
}

/** Milliseconds since 1970; `undefined` for zero, which says that there is no clock. */
function readTime(pbf: PbfReader): number | undefined {
  readInteger(pbf);
  return high * 0x1_0000_0000 + low || undefined;
}

function readMetric(pbf: PbfReader, levels: number): SparkplugMetric {
  const metric: SparkplugMetric = {
    name: undefined,
    alias: undefined,
    timestamp: undefined,
    datatype: undefined,
    historical: undefined,
    isNull: undefined,
    unit: undefined,
    raw: undefined,
  };
  const end = readEnd(pbf, levels);
  for (let field = nextField(pbf, end); field !== 0; field = nextField(pbf, end)) {
    switch (field) {
      case 1:
        metric.name = pbf.readString();
        break;
      case 2:
        readInteger(pbf);
        metric.alias = exactUint64(high, low);
        break;
      case 3:
        metric.timestamp = readTime(pbf);
        break;
      case 4:
        metric.datatype = readLow(pbf);
        break;
      case 5:
        metric.historical = pbf.readBoolean();
        break;
      case 7:
        metric.isNull = pbf.readBoolean();
        break;
      case 9:
        metric.unit = unitOf(readProperties(pbf, levels - 1));
        break;
      case 17:
        metric.raw = { parts: readDataSet(pbf, levels - 1) };
        break;
      case 18:
        metric.raw = readTemplate(pbf, levels - 1);
        break;
      default:
        metric.raw = readScalar(pbf, field - 10) ?? metric.raw;
    }
  }
  return metric;
}

/** The values that a metric, a property, a parameter and a cell have alike, by their distance from the first. */
function readScalar(pbf: PbfReader, distance: number): SparkplugValue | undefined {
  switch (distance) {
    case 0:
    case 1:
      readInteger(pbf);
      return { high, low };
    case 2:
      return { plain: copyBytes(pbf, 4).getFloat32(0, true) };
    case 3:
      return { plain: copyBytes(pbf, 8).getFloat64(0, true) };
    case 4:
      return { plain: pbf.readBoolean() };
    case 5:
      return { plain: pbf.readString() };
    case 6:
      return { bytes: pbf.readBytes() };
    default:
      return undefined;
  }
}

/** The properties of a metric that are text. */
function readProperties(pbf: PbfReader, levels: number): Map<string, string> {
  const keys: string[] = [];
  const values: Array<string | undefined> = [];
  readMessage(pbf, levels, (field) => {
    if (field === 1) {
      keys.push(pbf.readString());
    } else if (field === 2) {
      let text: string | undefined;
      readMessage(pbf, levels - 1, (of) => {
        text = of === 8 ? pbf.readString() : text;
      });
      values.push(text);
    }
  });
  const properties = new Map<string, string>();
  keys.forEach((key, i) => {
    const value = values[i];
    if (value !== undefined) {
      properties.set(key.toLowerCase(), value);
    }
  });
  return properties;
}

function unitOf(properties: ReadonlyMap<string, string>): string | undefined {
  for (const [key, value] of properties) {
    if (UNIT_KEYS.has(key) && value !== '') {
      return value;
    }
  }
  return undefined;
}

/** A table, as an array of objects. */
function readDataSet(pbf: PbfReader, levels: number): unknown {
  const columns: string[] = [];
  const types: number[] = [];
  const rows: Array<Array<SparkplugValue | undefined>> = [];
  readMessage(pbf, levels, (field) => {
    if (field === 2) {
      columns.push(pbf.readString());
    } else if (field === 3) {
      // Packed or not.
      const end = pbf.readPackedEnd();
      if (pbf.type === 2) {
        while (pbf.pos < end) {
          types.push(readLow(pbf));
        }
      } else {
        types.push(readLow(pbf));
      }
    } else if (field === 4) {
      const row: Array<SparkplugValue | undefined> = [];
      readMessage(pbf, levels - 1, (of) => {
        if (of === 1) {
          let cell: SparkplugValue | undefined;
          readMessage(pbf, levels - 2, (at) => {
            cell = readScalar(pbf, at - 1) ?? cell;
          });
          row.push(cell);
        }
      });
      rows.push(row);
    }
  });
  return rows.map((row) => {
    const object: Record<string, unknown> = {};
    const keys = new FreeKeys(object);
    row.forEach((cell, i) => {
      const value = cell === undefined ? null : readSparkplugValue(types[i], cell);
      setOwn(object, keys.free(columns[i] ?? String(i + 1)), value);
    });
    return object;
  });
}

function readTemplate(pbf: PbfReader, levels: number): SparkplugTemplate {
  const template: SparkplugTemplate = { members: [], isDefinition: false };
  readMessage(pbf, levels, (field) => {
    switch (field) {
      case 2:
        template.members.push(readMetric(pbf, levels - 1));
        break;
      case 3:
        template.members.push(readParameter(pbf, levels - 1));
        break;
      case 5:
        template.isDefinition = pbf.readBoolean();
        break;
    }
  });
  return template;
}

function readParameter(pbf: PbfReader, levels: number): SparkplugMetric {
  const parameter: SparkplugMetric = {};
  readMessage(pbf, levels, (field) => {
    if (field === 1) {
      parameter.name = pbf.readString();
    } else if (field === 2) {
      parameter.datatype = readLow(pbf);
    } else {
      parameter.raw = readScalar(pbf, field - 3) ?? parameter.raw;
    }
  });
  return parameter;
}
