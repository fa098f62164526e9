import { covers } from '../../src/topics';
import { isObject, isRecord } from '../../src/utils/is-object';
import { validateFilter, quoteName } from '../topic';

/** Newest version of the protocol that docs/history.md describes; requests of version 1 are answered as before. */
export const PROTOCOL_VERSION = 2;

/** A version of the protocol. */
export type Version = 1 | 2;

/** Maximum size of a request, in bytes. */
export const MAX_REQUEST_BYTES = 16 << 10;
/** Maximum filters of a request. */
export const MAX_REQUEST_FILTERS = 20;
/** Longest client id of a mark, in UTF-16 units. */
const MAX_CLIENT_ID_LENGTH = 256;
/** Largest time of JavaScript's Date, in milliseconds since 1970. */
const MAX_TIME = 8.64e15;

/** The reasons for an error response. */
export type ErrorCode = 'bad-request' | 'not-authorized' | 'not-recorded' | 'too-many-requests' | 'internal-error';

/** A request that is answered with an error response. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A parsed request. */
export interface HistoryRequest {
  readonly v: Version;
  /** Topic filters, none of which covers another. */
  readonly filters: readonly string[];
  /** Milliseconds since 1970, inclusive. */
  readonly from: number;
  /** Milliseconds since 1970, inclusive; Infinity by default. */
  readonly to: number;
  /** Maximum messages of a topic, the newest ones; Infinity by default. */
  readonly limit: number;
  /** Messages of a topic from which on numbers are thinned; Infinity by default, and in version 1. */
  readonly maxPoints: number;
  /** The client that receives the mark; undefined by default, and in version 1. */
  readonly mark: string | undefined;
}

/**
 * Parses the payload of a request, or of the cancellation of one.
 *
 * @throws RequestError `bad-request` that says what was expected
 */
export function parseRequest(payload: Uint8Array): HistoryRequest | 'cancel' {
  const request = parseObject(payload);
  const v = request['v'];
  if (v !== 1 && v !== 2) {
    throw badRequest(`Expected v to be 1 or 2, the versions of this historian, got ${describe(v)}`);
  }
  if (Object.hasOwn(request, 'cancel')) {
    if (request['cancel'] !== true) {
      throw badRequest(`Expected cancel to be true, got ${describe(request['cancel'])}`);
    }
    return 'cancel';
  }
  const from = readTime(request, 'from');
  const to = request['to'] === undefined ? Infinity : readTime(request, 'to');
  if (to < from) {
    throw badRequest(`Expected from to be at most to, got ${from} and ${to}`);
  }
  return {
    v,
    filters: readFilters(request['filters']),
    from,
    to,
    limit: readCount(request, 'limit'),
    maxPoints: v === 1 ? Infinity : readCount(request, 'maxPoints'),
    mark: v === 1 ? undefined : readMark(request['mark']),
  };
}

/** The version of a request, as far as it can be read; 1 if it cannot. */
export function versionOf(payload: Uint8Array): Version {
  try {
    return parseObject(payload)['v'] === 2 ? 2 : 1;
  } catch {
    return 1;
  }
}

/** The JSON of an error response. */
export function errorResponse({ code, message }: RequestError, v: Version): string {
  return JSON.stringify({ v, error: { code, message } });
}

function parseObject(payload: Uint8Array): Record<string, unknown> {
  if (payload.length > MAX_REQUEST_BYTES) {
    throw badRequest(`Expected a request of at most ${MAX_REQUEST_BYTES} bytes, got ${payload.length}`);
  }
  let request: unknown;
  try {
    request = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
  } catch {
    throw badRequest('Expected JSON, such as {"v":1,"filters":["home/#"],"from":1732600000000}');
  }
  if (!isRecord(request)) {
    throw badRequest(`Expected a JSON object, got ${describe(request)}`);
  }
  return request;
}

function readFilters(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_REQUEST_FILTERS) {
    const got = Array.isArray(value) ? `a list of ${value.length}` : describe(value);
    throw badRequest(`Expected filters to be a list of 1 to ${MAX_REQUEST_FILTERS} topic filters, got ${got}`);
  }
  const filters = value.map((filter: unknown) => {
    if (typeof filter !== 'string') {
      throw badRequest(`Expected a topic filter, got ${describe(filter)}`);
    }
    const error = validateFilter(filter);
    if (error) {
      throw badRequest(`Topic filter ${quoteName(filter)} ${error}`);
    }
    return filter;
  });
  return removeCovered(filters);
}

/** Removes duplicates, and the filters that another one covers. */
export function removeCovered(filters: readonly string[]): string[] {
  return [...new Set(filters)].filter(
    (filter, _index, all) => !all.some((other) => other !== filter && covers(other, filter))
  );
}

function readTime(request: Record<string, unknown>, name: 'from' | 'to'): number {
  const value = request[name];
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TIME)) {
    throw badRequest(`Expected ${name} to be milliseconds since 1970, got ${describe(value)}`);
  }
  return value;
}

function readCount(request: Record<string, unknown>, name: 'limit' | 'maxPoints'): number {
  const value = request[name];
  if (value !== undefined && (typeof value !== 'number' || !Number.isInteger(value) || value < 1)) {
    throw badRequest(`Expected ${name} to be a whole number of at least 1, got ${describe(value)}`);
  }
  return value ?? Infinity;
}

function readMark(value: unknown): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value === '' || value.length > MAX_CLIENT_ID_LENGTH)) {
    throw badRequest(
      `Expected mark to be a client id of 1 to ${MAX_CLIENT_ID_LENGTH} characters, got ${describe(value)}`
    );
  }
  return value;
}

function badRequest(message: string): RequestError {
  return new RequestError('bad-request', message);
}

/** A value of a request for an error message: never longer than a line, and never nested. */
function describe(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (isObject(value)) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  return typeof value === 'string' ? quoteName(value) : JSON.stringify(value);
}
