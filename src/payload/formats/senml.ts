import { isRecord } from '../../utils/is-object';
import { beyond, DecodeFailure, type Decoded } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { type Row, Rows } from '../rows/rows';
import { readCbor } from './cbor';
import { readJson } from './json/json';
import { fromCbor } from './senml-cbor';
import { DRAFT, fromDraft } from './senml-draft';
import { foreignKey } from './senml-shape';
import { SimilarPacks } from './senml-similar';
import { setOwn } from './values';
import { withProblem } from './with-problem';

/** The label that holds the base name, mostly the device. */
const BASE_NAME = 'bn';

/** Smaller times are seconds from now, larger ones since 1970 (RFC 8428, 4.5.3). */
const ABSOLUTE_FROM = 2 ** 28;

/**
 * Units of SenML (RFC 8428, 12.1) that mean something else everywhere else: there, as here, `C` is often a temperature,
 * and `F` too.
 */
const UNITS: Readonly<Record<string, string>> = { C: 'coulomb', F: 'farad' };

const UNDERSCORE = 95;

type Pack = ReadonlyArray<Record<string, unknown>>;

/** The format `senml` (RFC 8428), in JSON, of a stream, whose messages are much alike. */
export class SenmlReader {
  readonly #similar = new SimilarPacks();
  readonly #maxRows: number;
  #topic = '';

  constructor(maxRows = PAYLOAD_LIMITS.rows) {
    this.#maxRows = maxRows;
  }

  /** Reads a pack like the last one of its topic straight from its bytes. */
  readonly readSimilar = (bytes: Uint8Array, topic: string): Decoded => {
    this.#topic = topic;
    const pack = this.#similar.read(bytes, topic);
    return pack && readPack(pack, this.#maxRows);
  };

  /** Reads what {@link readSimilar} could not. */
  readonly read = (text: string): Decoded => {
    const decoded = readJson(text);
    if (isPack(decoded)) {
      this.#similar.expect(this.#topic, text, decoded);
    }
    return read(decoded, this.#maxRows);
  };
}

/**
 * A JSON value as SenML, for a payload of which nobody has said that it is SenML.
 *
 * @returns the value itself, if it is none after all.
 */
export function readSenmlValue(value: unknown, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  const pack = fromDraft(value);
  if (pack !== undefined || !isPack(value)) {
    return pack === undefined ? value : withProblem(readPack(pack, maxRows), DRAFT);
  }
  const foreign = value.map(foreignKey).find((key) => key !== undefined);
  return withProblem(readPack(value, maxRows), foreign === undefined ? undefined : leftOut(foreign));
}

function leftOut(key: string): string {
  return `Left out: ${JSON.stringify(key)}, a key that SenML does not have (RFC 8428). Choose the format json to see it, or senml to read SenML without this notice.`;
}

/** The format `senml`, in CBOR: an array, as no text begins with one. */
export function readSenmlCbor(bytes: Uint8Array, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  const decoded = readCbor(bytes);
  return read(Array.isArray(decoded) ? decoded.map(fromCbor) : decoded, maxRows);
}

function isPack(decoded: unknown): decoded is Pack {
  return Array.isArray(decoded) && decoded.every(isRecord);
}

function read(decoded: Decoded, maxRows: number): Decoded {
  if (decoded instanceof DecodeFailure) {
    return decoded;
  }
  const draft = fromDraft(decoded);
  if (draft !== undefined) {
    return withProblem(readPack(draft, maxRows), DRAFT);
  }
  if (!isPack(decoded)) {
    return new DecodeFailure('The payload is not SenML, which is an array of objects (RFC 8428).');
  }
  return readPack(decoded, maxRows);
}

/** A row while its records are collected: those that follow one another with the same base name and time. */
interface Open {
  readonly base: string;
  readonly seconds: number;
  readonly value: Record<string, unknown>;
  readonly row: OpenRow;
  /** A record of it has a sum. */
  hasSums: boolean;
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
  readonly name: string;
  readonly value: unknown;
  readonly sum: unknown;
  readonly unit: string | undefined;
}

/** @returns undefined for a record that only sets the base. */
function resolve(record: Record<string, unknown>, base: Base): Resolved | undefined {
  if (saysNothing(record)) {
    return undefined;
  }
  const { n, t, u } = record;
  return {
    base: base.name,
    seconds: base.time + (numberOf(t) ?? 0),
    name: typeof n === 'string' ? n : '',
    value: valueOf(record, base),
    sum: sumOf(record, base),
    unit: typeof u === 'string' ? u : base.unit,
  };
}

function readPack(pack: Pack, maxRows: number): Decoded {
  const base: Base = { name: '', time: 0, unit: undefined, value: undefined, sum: undefined };
  const rows: Row[] = [];
  const problems: string[] = [];
  let open: Open | undefined;
  for (const record of pack) {
    // Extensions that must be understood end with an underscore (RFC 8428, 4.4).
    const extension = extensionOf(record);
    if (extension !== undefined) {
      return new DecodeFailure(
        `The SenML has ${JSON.stringify(extension)}, an extension that this plugin does not support.`
      );
    }
    setBase(base, record);
    const resolved = resolve(record, base);
    if (resolved === undefined || (resolved.value === undefined && resolved.sum === undefined)) {
      continue;
    }
    if (open === undefined || !hasRoom(open, resolved)) {
      if (rows.length >= maxRows) {
        problems.push(beyond('rows', maxRows));
        break;
      }
      const { base: name, seconds } = resolved;
      const value = {};
      open = { base: name, seconds, value, row: openRow(name, seconds, value), hasSums: false };
      rows.push(open.row);
    }
    add(open, resolved);
  }
  return rows.length === 0
    ? new DecodeFailure('The SenML has no value: each of its records sets base values only.')
    : new Rows(rows, problems);
}

function extensionOf(record: Record<string, unknown>): string | undefined {
  for (const key in record) {
    if (key.charCodeAt(key.length - 1) === UNDERSCORE && Object.hasOwn(record, key)) {
      return key;
    }
  }
  return undefined;
}

/** Whether a record belongs to the row, and has no value there yet. */
function hasRoom(open: Open, { base, seconds, name, sum }: Resolved): boolean {
  return (
    open.base === base &&
    open.seconds === seconds &&
    !Object.hasOwn(open.value, keyOf(name)) &&
    !((open.hasSums || sum !== undefined) && Object.hasOwn(open.value, sumKeyOf(name)))
  );
}

function keyOf(name: string): string {
  return name === '' ? 'value' : name;
}

function sumKeyOf(name: string): string {
  return name === '' ? 'sum' : `${name} sum`;
}

function add(open: Open, { name, value, sum, unit }: Resolved): void {
  put(open, keyOf(name), value, unit !== undefined && Object.hasOwn(UNITS, unit) ? UNITS[unit] : unit);
  if (sum !== undefined) {
    open.hasSums = true;
    put(open, sumKeyOf(name), sum, unit === undefined ? undefined : `${unit}s`);
  }
}

/** A record that names nothing and says nothing only sets the base. */
function saysNothing({ n, t, v, vs, vb, vd, s }: Record<string, unknown>): boolean {
  return (
    v === undefined &&
    n === undefined &&
    t === undefined &&
    s === undefined &&
    vs === undefined &&
    vb === undefined &&
    vd === undefined
  );
}

/** The value of a record; one that has only the base of it has zero to add (RFC 8428, 4.1). */
function valueOf({ v, vs, vb, vd }: Record<string, unknown>, base: Base): unknown {
  const other = vs ?? vb ?? vd;
  return other ?? (typeof v === 'number' ? v + (base.value ?? 0) : (v ?? base.value));
}

/** The sum of a record; the same goes for it. */
function sumOf({ s }: Record<string, unknown>, base: Base): number | undefined {
  const sum = numberOf(s) ?? (base.sum === undefined ? undefined : 0);
  return sum === undefined ? undefined : sum + (base.sum ?? 0);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function put({ value, row }: Open, key: string, cell: unknown, unit: string | undefined): void {
  if (cell !== undefined) {
    setOwn(value, key, cell);
    if (unit !== undefined && typeof cell === 'number') {
      (row.units ??= new Map()).set(key, unit);
    }
  }
}

interface OpenRow extends Row {
  units?: Map<string, string>;
}

/** Without spreads, which take as long as a record. */
function openRow(base: string, seconds: number, value: Record<string, unknown>): OpenRow {
  // To the microsecond: the float is not finer, and its error would show.
  const ms = Math.round(seconds * 1e6) / 1e3;
  const labels = { [BASE_NAME]: base };
  if (seconds >= ABSOLUTE_FROM) {
    return base === '' ? { value, time: ms } : { value, labels, time: ms };
  }
  if (seconds === 0) {
    return base === '' ? { value } : { value, labels };
  }
  return base === '' ? { value, offset: ms } : { value, labels, offset: ms };
}
