import { isRecord } from '../../utils/is-object';
import { beyond, DecodeFailure, type Decoded } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { type Row, Rows } from '../rows/rows';
import { readCbor } from './cbor';
import { readJson } from './json/json';
import { setOwn } from './values';

/** The label that holds the base name, mostly the device. */
const BASE_NAME = 'bn';

/** Smaller times are seconds from now, larger ones since 1970 (RFC 8428, 4.5.3). */
const ABSOLUTE_FROM = 2 ** 28;

/** Keys of SenML in CBOR (RFC 8428, 6, table 4; RFC 8798 has no further ones). */
const CBOR_KEYS: Readonly<Record<string, string>> = {
  '-2': 'bn',
  '-3': 'bt',
  '-4': 'bu',
  '-5': 'bv',
  '-6': 'bs',
  // As micropython-senml and kpn-senml have it.
  '-16': 'bs',
  '0': 'n',
  '1': 'u',
  '2': 'v',
  '3': 'vs',
  '4': 'vb',
  '5': 's',
  '6': 't',
  '8': 'vd',
};

/**
 * Units of SenML (RFC 8428, 12.1) that mean something else everywhere else: there, as here, `C` is often a temperature,
 * and `F` too.
 */
const UNITS: Readonly<Record<string, string>> = { C: 'coulomb', F: 'farad' };

type Pack = ReadonlyArray<Record<string, unknown>>;

/** The format `senml` (RFC 8428), in JSON. */
export function readSenmlJson(text: string, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  return read(readJson(text), maxRows);
}

/** A JSON value as SenML, for a payload that is known to be JSON already. */
export function readSenmlValue(value: unknown, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  return read(value, maxRows);
}

/** The format `senml`, in CBOR: an array, as no text begins with one. */
export function readSenmlCbor(bytes: Uint8Array, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  const decoded = readCbor(bytes);
  return read(
    Array.isArray(decoded) ? decoded.map((record: unknown) => (isRecord(record) ? renamed(record) : record)) : decoded,
    maxRows
  );
}

export function isCborArray(bytes: Uint8Array): boolean {
  return bytes[0] >= 0x80 && bytes[0] <= 0x9f;
}

function renamed(record: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    setOwn(result, Object.hasOwn(CBOR_KEYS, key) ? CBOR_KEYS[key] : key, record[key]);
  }
  return result;
}

function read(decoded: Decoded, maxRows: number): Decoded {
  if (decoded instanceof DecodeFailure) {
    return decoded;
  }
  if (!Array.isArray(decoded) || !decoded.every(isRecord)) {
    return new DecodeFailure('The payload is not SenML, which is an array of objects (RFC 8428).');
  }
  return readPack(decoded, maxRows);
}

/** A row while its records are collected: those that follow one another with the same base name and time. */
interface Open {
  readonly base: string;
  readonly seconds: number;
  readonly value: Record<string, unknown>;
  readonly units: Map<string, string>;
}

/** The base fields that earlier records have set for those that follow (RFC 8428, 4.1). */
interface Base {
  name: string;
  time: number;
  unit: string | undefined;
  value: number | undefined;
  sum: number | undefined;
}

/** Reads each field by its name, not from a table of names: that would make records with two values a tenth slower. */
function setBase(base: Base, { bn, bt, bu, bv, bs }: Record<string, unknown>): void {
  base.name = typeof bn === 'string' ? bn : base.name;
  base.time = numberOf(bt) ?? base.time;
  base.unit = typeof bu === 'string' ? bu : base.unit;
  base.value = numberOf(bv) ?? base.value;
  base.sum = numberOf(bs) ?? base.sum;
}

/** A record with what the base adds to it. */
interface Resolved {
  readonly base: string;
  readonly seconds: number;
  readonly key: string;
  readonly sumKey: string;
  readonly value: unknown;
  readonly sum: unknown;
  readonly unit: string | undefined;
}

function resolve(record: Record<string, unknown>, base: Base): Resolved {
  const { n, t, u } = record;
  const name = typeof n === 'string' ? n : '';
  const [key, sumKey] = name === '' ? ['value', 'sum'] : [name, `${name} sum`];
  const [value, sum] = valuesOf(record, base);
  const unit = typeof u === 'string' ? u : base.unit;
  return { base: base.name, seconds: base.time + (numberOf(t) ?? 0), key, sumKey, value, sum, unit };
}

function readPack(pack: Pack, maxRows: number): Decoded {
  const base: Base = { name: '', time: 0, unit: undefined, value: undefined, sum: undefined };
  const rows: Row[] = [];
  const problems: string[] = [];
  let open: Open | undefined;
  for (const record of pack) {
    // Extensions that must be understood end with an underscore (RFC 8428, 4.4).
    const foreign = Object.keys(record).find((key) => key.endsWith('_'));
    if (foreign !== undefined) {
      return new DecodeFailure(
        `The SenML has ${JSON.stringify(foreign)}, an extension that this plugin does not support.`
      );
    }
    setBase(base, record);
    const resolved = resolve(record, base);
    if (resolved.value === undefined && resolved.sum === undefined) {
      continue;
    }
    if (open === undefined || !hasRoom(open, resolved)) {
      if (rows.length >= maxRows) {
        problems.push(beyond('rows', maxRows));
        break;
      }
      open = { base: resolved.base, seconds: resolved.seconds, value: {}, units: new Map() };
      rows.push(toRow(open));
    }
    add(open, resolved);
  }
  return rows.length === 0
    ? new DecodeFailure('The SenML has no value: each of its records sets base values only.')
    : new Rows(rows, problems);
}

/** Whether a record belongs to the row, and has no value there yet. */
function hasRoom(open: Open, { base, seconds, key, sumKey }: Resolved): boolean {
  return (
    open.base === base &&
    open.seconds === seconds &&
    !Object.hasOwn(open.value, key) &&
    !Object.hasOwn(open.value, sumKey)
  );
}

function add(open: Open, { key, sumKey, value, sum, unit }: Resolved): void {
  put(open, key, value, unit !== undefined && Object.hasOwn(UNITS, unit) ? UNITS[unit] : unit);
  put(open, sumKey, sum, unit === undefined ? undefined : `${unit}s`);
}

/** The value and the sum of a record; one that has only the base of either has zero to add (RFC 8428, 4.1). */
function valuesOf({ n, t, v, vs, vb, vd, s }: Record<string, unknown>, base: Base): [unknown, unknown] {
  const sum = numberOf(s) ?? (base.sum === undefined ? undefined : 0);
  const other = vs ?? vb ?? vd;
  // A record that names nothing and says nothing only sets the base.
  const says = n !== undefined || t !== undefined || v !== undefined || other !== undefined || s !== undefined;
  if (!says) {
    return [undefined, undefined];
  }
  const number = numberOf(v);
  return [
    other ?? (number === undefined ? (v ?? base.value) : number + (base.value ?? 0)),
    sum === undefined ? undefined : sum + (base.sum ?? 0),
  ];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function put({ value, units }: Open, key: string, cell: unknown, unit: string | undefined): void {
  if (cell !== undefined) {
    setOwn(value, key, cell);
    if (unit !== undefined && typeof cell === 'number') {
      units.set(key, unit);
    }
  }
}

function toRow({ base, seconds, value, units }: Open): Row {
  // To the microsecond: the float is not finer, and its error would show.
  const ms = Math.round(seconds * 1e6) / 1e3;
  return {
    value,
    units,
    ...(base === '' ? undefined : { labels: { [BASE_NAME]: base } }),
    ...(seconds >= ABSOLUTE_FROM ? { time: ms } : seconds === 0 ? undefined : { offset: ms }),
  };
}
