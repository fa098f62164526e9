import { createTimeReader } from './time/times';

/** The types that a query may ask a field to have. */
export type FieldType = 'auto' | 'number' | 'string' | 'boolean' | 'time' | 'json';

/** The value as the type that was asked for; `undefined` if it is not of the type. Never asked about null. */
export type Converter = (value: unknown, arrival: number) => unknown;

/** @param zone of times that name none. */
export function createConverter(type: FieldType, zone?: string): Converter | undefined {
  switch (type) {
    case 'auto':
      return undefined;
    case 'time':
      return createTimeReader(undefined, zone);
    default:
      return CONVERTERS[type];
  }
}

/** The whole text and nothing else, as everywhere; digits behind leading zeros are an identifier. */
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const NOT_FINITE: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, infinity: Infinity };

/** The words of switches and sensors, in small letters. */
const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  '1': true,
  open: true,
  online: true,
  false: false,
  off: false,
  no: false,
  '0': false,
  closed: false,
  offline: false,
};

/** The text of what is neither an object nor nothing. */
export function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

const CONVERTERS: Record<'number' | 'string' | 'boolean' | 'json', Converter> = {
  number: (value) => (typeof value === 'number' ? value : typeof value === 'string' ? numberOf(value) : undefined),
  string: scalarText,
  boolean: (value) => {
    if (typeof value === 'boolean') {
      return value;
    }
    const word = scalarText(value)?.trim().toLowerCase() ?? '';
    return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  },
  json: (value) => value,
};

const INTEGER = /^[+-]?\d+$/;

/** Whether a number is what its text says: of two integers beyond 2^53 that follow one another, one is none. */
export function isExact(number: number, text: string): boolean {
  const digits = text.trim();
  return (
    Number.isSafeInteger(number) ||
    !INTEGER.test(digits) ||
    (Number.isFinite(number) && BigInt(number) === BigInt(digits))
  );
}

function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) {
    return Number(trimmed);
  }
  const negative = trimmed.startsWith('-');
  const word = trimmed.replace(/^[+-]/, '').toLowerCase();
  if (!Object.hasOwn(NOT_FINITE, word)) {
    return undefined;
  }
  return negative ? -NOT_FINITE[word] : NOT_FINITE[word];
}
