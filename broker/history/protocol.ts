import { covers } from '../../src/topics';
import { validateFilter, quote } from '../topic';

/** Version of the protocol that docs/history.md describes. */
export const PROTOCOL_VERSION = 1;

/** Maximum size of a request, in bytes. */
export const MAX_REQUEST_BYTES = 16 << 10;
/** Maximum filters of a request. */
export const MAX_REQUEST_FILTERS = 20;
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
  /** Topic filters, none of which covers another. */
  readonly filters: readonly string[];
  /** Milliseconds since 1970, inclusive. */
  readonly from: number;
  /** Milliseconds since 1970, inclusive; Infinity by default. */
  readonly to: number;
  /** Maximum messages of a topic, the newest ones; Infinity by default. */
  readonly limit: number;
}

/**
 * Parses the payload of a request, or of the cancellation of one.
 *
 * @throws RequestError `bad-request` that says what was expected
 */
export function parseRequest(payload: Uint8Array): HistoryRequest | 'cancel' {
  const request = parseObject(payload);
  if (request['v'] !== PROTOCOL_VERSION) {
    throw badRequest(
      `Expected v to be ${PROTOCOL_VERSION}, the version of this historian, got ${describe(request['v'])}`
    );
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
  return { filters: readFilters(request['filters']), from, to, limit: readLimit(request['limit']) };
}

/** The JSON of an error response. */
export function errorResponse({ code, message }: RequestError): string {
  return JSON.stringify({ v: PROTOCOL_VERSION, error: { code, message } });
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
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw badRequest(`Expected a JSON object, got ${describe(request)}`);
  }
  return request as Record<string, unknown>;
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
      throw badRequest(`Topic filter ${quote(filter)} ${error}`);
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

function readLimit(value: unknown): number {
  if (value !== undefined && (typeof value !== 'number' || !Number.isInteger(value) || value < 1)) {
    throw badRequest(`Expected limit to be a whole number of at least 1, got ${describe(value)}`);
  }
  return value ?? Infinity;
}

function badRequest(message: string): RequestError {
  return new RequestError('bad-request', message);
}

/** A value of a request for an error message: never longer than a line, and never nested. */
function describe(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
