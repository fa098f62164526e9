import { covers } from '../auth/filters';
import { filterFault, quote } from '../topic';

/** Version of the protocol that docs/history.md describes. */
export const PROTOCOL_VERSION = 1;

/** Bytes of an ask. */
export const MAX_REQUEST_BYTES = 16 << 10;
/** Filters of an ask. */
export const MAX_REQUEST_FILTERS = 20;
/** Largest time that JavaScript's Date knows, in milliseconds. */
const MAX_TIME = 8.64e15;

/** Why there is no answer, or no more of it. */
export type ErrorCode = 'bad-request' | 'not-authorized' | 'not-recorded' | 'too-many-requests' | 'internal-error';

/** A request that is answered with an error. */
export class RequestError extends Error {
  override readonly name = 'AskError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is asked for. */
export interface HistoryRequest {
  /** None of them covers another. */
  readonly filters: readonly string[];
  /** Milliseconds since 1970, both included. `to` is Infinity when the ask has none. */
  readonly from: number;
  readonly to: number;
  /** Messages of a topic, the newest of them; Infinity when the ask has none. */
  readonly limit: number;
}

/**
 * Reads what came on the topic of an ask: the ask, or that no more of its answer is wanted.
 *
 * @throws AskError `bad-request` saying what was expected
 */
export function parseRequest(payload: Uint8Array): HistoryRequest | 'cancel' {
  const request = parseObject(payload);
  if (request['v'] !== PROTOCOL_VERSION) {
    throw badRequest(`v is ${describe(request['v'])}; this historian speaks version ${PROTOCOL_VERSION}`);
  }
  if (Object.hasOwn(request, 'cancel')) {
    if (request['cancel'] !== true) {
      throw badRequest(`Expected cancel to be true, got ${describe(request['cancel'])}`);
    }
    return 'cancel';
  }
  const from = time(request, 'from');
  const to = request['to'] === undefined ? Infinity : time(request, 'to');
  if (to < from) {
    throw badRequest(`from (${from}) is after to (${to})`);
  }
  return { filters: readFilters(request['filters']), from, to, limit: readLimit(request['limit']) };
}

/** The message of an answer that says what went wrong. */
export function errorResponse({ code, message }: RequestError): string {
  return JSON.stringify({ v: PROTOCOL_VERSION, error: { code, message } });
}

function parseObject(payload: Uint8Array): Record<string, unknown> {
  if (payload.length > MAX_REQUEST_BYTES) {
    throw badRequest(`An ask has at most ${MAX_REQUEST_BYTES} bytes, and this one has ${payload.length}`);
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
    const fault = filterFault(filter);
    if (fault) {
      throw badRequest(`Topic filter ${quote(filter)} ${fault}`);
    }
    return filter;
  });
  return removeCovered(filters);
}

/** Leaves out the filters of which another one matches all. */
export function removeCovered(filters: readonly string[]): string[] {
  return [...new Set(filters)].filter(
    (filter, _index, all) => !all.some((other) => other !== filter && covers(other, filter))
  );
}

function time(request: Record<string, unknown>, name: 'from' | 'to'): number {
  const value = request[name];
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TIME)) {
    throw badRequest(`Expected ${name} to be milliseconds since 1970, got ${describe(value)}`);
  }
  return value;
}

function readLimit(value: unknown): number {
  if (value !== undefined && (typeof value !== 'number' || !Number.isInteger(value) || value < 1)) {
    throw badRequest(`Expected limit to be a whole number from 1, got ${describe(value)}`);
  }
  return value ?? Infinity;
}

function badRequest(message: string): RequestError {
  return new RequestError('bad-request', message);
}

/** A value from the wire for an error message: not longer than a line, and never deep. */
function describe(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
