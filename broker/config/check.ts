import { editDistance } from '../../src/topics';
import { isRecord } from '../../src/utils/is-object';
/** An invalid setting. `source` is the flag, the variable, or the file and path that it comes from. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly source: string;

  constructor(source: string, message: string) {
    super(`${source}: ${message}`);
    this.source = source;
  }
}

/** The check of a value. */
export interface Check<T> {
  /** Description of valid values for error messages: `a whole number from 0 to 65535`. */
  expected: string;
  /**
   * Returns the checked value.
   *
   * @param source of the value, for the message
   * @throws ConfigError that says what was expected
   */
  parse(value: unknown, source: string): T;
  /** Converts the text of a flag or variable. An invalid text is returned as it is, for `parse` to reject. */
  fromText(text: string): unknown;
}

export function typeError(source: string, expected: string, value: unknown): ConfigError {
  const got = JSON.stringify(value) ?? String(value);
  return new ConfigError(source, `Expected ${expected}, got ${got.length > 80 ? `${got.slice(0, 80)}…` : got}`);
}

export function string(expected = 'a text'): Check<string> {
  return {
    expected,
    fromText: (value) => value,
    parse: (value, source) => {
      if (typeof value !== 'string' || value === '') {
        throw typeError(source, expected, value);
      }
      return value;
    },
  };
}

/** A text with a further rule; `validate` describes what is wrong, or returns undefined. */
export function refine(check: Check<string>, validate: (value: string) => string | undefined): Check<string> {
  return {
    ...check,
    parse: (value, source) => {
      const read = check.parse(value, source);
      const error = validate(read);
      if (error !== undefined) {
        throw new ConfigError(source, `Expected ${check.expected}, but ${error}`);
      }
      return read;
    },
  };
}

export function integer(min: number, max: number): Check<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return {
    expected,
    fromText: (value) => (/^-?\d+$/.test(value) ? Number(value) : value),
    parse: (value, source) => {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
        throw typeError(source, expected, value);
      }
      return value;
    },
  };
}

export function number(min: number, max: number): Check<number> {
  const expected = `a number from ${min} to ${max}`;
  return {
    expected,
    fromText: (value) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value),
    parse: (value, source) => {
      if (typeof value !== 'number' || !(value >= min && value <= max)) {
        throw typeError(source, expected, value);
      }
      return value;
    },
  };
}

export function boolean(): Check<boolean> {
  const expected = 'true or false';
  return {
    expected,
    fromText: (value) =>
      value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value,
    parse: (value, source) => {
      if (typeof value !== 'boolean') {
        throw typeError(source, expected, value);
      }
      return value;
    },
  };
}

export function oneOf<T extends string>(values: readonly T[]): Check<T> {
  const expected = values.length === 1 ? values[0] : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return {
    expected,
    fromText: (value) => value,
    parse: (value, source) => {
      const found = values.find((each) => each === value);
      if (found === undefined) {
        throw typeError(source, expected, value);
      }
      return found;
    },
  };
}

/** A list; in a text, its items are separated by commas, and `none` is the empty list. */
export function array<T>(item: Check<T>): Check<T[]> {
  const expected = `a list, each ${item.expected}`;
  return {
    expected,
    fromText: (value) => (value === 'none' ? [] : value.split(',').map((each) => item.fromText(each.trim()))),
    parse: (value, source) => {
      if (!Array.isArray(value)) {
        throw typeError(source, expected, value);
      }
      return value.map((each, index) => item.parse(each, `${source}[${index}]`));
    },
  };
}

/** One of two checks: the second for objects and lists, the first for all other values. */
export function union<A, B>(one: Check<A>, other: Check<B>, expected: string): Check<A | B> {
  return {
    expected,
    fromText: (value) => one.fromText(value),
    parse: (value, source) => (typeof value === 'object' ? other.parse(value, source) : one.parse(value, source)),
  };
}

type Shape<T> = { [K in keyof T]-?: Check<NonNullable<T[K]>> };

/** An object with these keys and no others; `required` names those that must be there. */
export function object<T extends object>(shape: Shape<T>, required: ReadonlyArray<keyof T & string>): Check<T> {
  const names = Object.keys(shape);
  const expected = `an object with ${names.join(', ')}`;
  return {
    expected,
    fromText: (value) => value,
    parse: (value, source) => {
      if (!isRecord(value)) {
        throw typeError(source, expected, value);
      }
      const result: Record<string, unknown> = {};
      for (const [key, each] of Object.entries(value)) {
        if (!Object.hasOwn(shape, key)) {
          throw unknownKey(source === '' ? key : `${source}.${key}`, key, names);
        }
        result[key] = shape[key as keyof T].parse(each, source === '' ? key : `${source}.${key}`);
      }
      for (const key of required) {
        if (!Object.hasOwn(result, key)) {
          throw new ConfigError(`${source}.${key}`, `Expected ${shape[key].expected}, got nothing`);
        }
      }
      return result as T;
    },
  };
}

export function unknownKey(source: string, key: string, names: readonly string[]): ConfigError {
  const near = nearest(key, names);
  return new ConfigError(source, near ? `Unknown setting; did you mean ${near}?` : 'Unknown setting');
}

/** The first name within two edits of a key. */
export function nearest(key: string, names: readonly string[]): string | undefined {
  return names.find((name) => editDistance(name.toLowerCase(), key.toLowerCase(), 2) <= 2);
}
