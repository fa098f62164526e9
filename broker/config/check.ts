/** Something in the configuration that cannot be carried out. `place` is where it stands, in the words of its source. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly place: string;

  constructor(place: string, message: string) {
    super(`${place}: ${message}`);
    this.place = place;
  }
}

/** What a value has to be: `read` gives it back, typed, or throws a ConfigError that says what was expected. */
export interface Check<T> {
  /** For messages and the help: `a whole number from 0 to 65535`. */
  expected: string;
  read(value: unknown, place: string): T;
  /** The value that a text stands for, from the command line or the environment. */
  parse(text: string): unknown;
}

export function wrong(place: string, expected: string, value: unknown): ConfigError {
  const got = JSON.stringify(value) ?? String(value);
  return new ConfigError(place, `Expected ${expected}, got ${got.length > 80 ? `${got.slice(0, 80)}…` : got}`);
}

export function text(expected = 'a text'): Check<string> {
  return {
    expected,
    parse: (value) => value,
    read: (value, place) => {
      if (typeof value !== 'string' || value === '') {
        throw wrong(place, expected, value);
      }
      return value;
    },
  };
}

/** A text in which nothing is wrong; `fault` says what is. */
export function without(check: Check<string>, fault: (value: string) => string | undefined): Check<string> {
  return {
    ...check,
    read: (value, place) => {
      const read = check.read(value, place);
      const wrongWith = fault(read);
      if (wrongWith !== undefined) {
        throw new ConfigError(place, `Expected ${check.expected}, and ${wrongWith}`);
      }
      return read;
    },
  };
}

export function wholeNumber(min: number, max: number): Check<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return {
    expected,
    parse: (value) => (/^-?\d+$/.test(value) ? Number(value) : value),
    read: (value, place) => {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
        throw wrong(place, expected, value);
      }
      return value;
    },
  };
}

export function decimal(min: number, max: number): Check<number> {
  const expected = `a number from ${min} to ${max}`;
  return {
    expected,
    parse: (value) => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value),
    read: (value, place) => {
      if (typeof value !== 'number' || !(value >= min && value <= max)) {
        throw wrong(place, expected, value);
      }
      return value;
    },
  };
}

export function yesNo(): Check<boolean> {
  const expected = 'true or false';
  return {
    expected,
    parse: (value) => (value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value),
    read: (value, place) => {
      if (typeof value !== 'boolean') {
        throw wrong(place, expected, value);
      }
      return value;
    },
  };
}

export function oneOf<T extends string>(values: readonly T[]): Check<T> {
  const expected = values.length === 1 ? values[0] : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return {
    expected,
    parse: (value) => value,
    read: (value, place) => {
      const found = values.find((each) => each === value);
      if (found === undefined) {
        throw wrong(place, expected, value);
      }
      return found;
    },
  };
}

/** A list; as a text, its items with commas between. `none` is an empty one. */
export function listOf<T>(item: Check<T>): Check<T[]> {
  const expected = `a list, each ${item.expected}`;
  return {
    expected,
    parse: (value) => (value === 'none' ? [] : value.split(',').map((each) => item.parse(each.trim()))),
    read: (value, place) => {
      if (!Array.isArray(value)) {
        throw wrong(place, expected, value);
      }
      return value.map((each, index) => item.read(each, `${place}[${index}]`));
    },
  };
}

/** One or the other; the first that accepts. */
export function either<A, B>(one: Check<A>, other: Check<B>, expected: string): Check<A | B> {
  return {
    expected,
    parse: (value) => one.parse(value),
    read: (value, place) => (typeof value === 'object' ? other.read(value, place) : one.read(value, place)),
  };
}

type Shape<T> = { [K in keyof T]-?: Check<NonNullable<T[K]>> };

/** An object with some of these keys and no others. */
export function objectOf<T extends object>(shape: Shape<T>, required: ReadonlyArray<keyof T & string>): Check<T> {
  const names = Object.keys(shape);
  const expected = `an object with ${names.join(', ')}`;
  return {
    expected,
    parse: (value) => value,
    read: (value, place) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw wrong(place, expected, value);
      }
      const result: Record<string, unknown> = {};
      for (const [key, each] of Object.entries(value)) {
        if (!Object.hasOwn(shape, key)) {
          throw unknownKey(place === '' ? key : `${place}.${key}`, key, names);
        }
        result[key] = shape[key as keyof T].read(each, place === '' ? key : `${place}.${key}`);
      }
      for (const key of required) {
        if (!Object.hasOwn(result, key)) {
          throw new ConfigError(`${place}.${key}`, `Expected ${shape[key].expected}, got nothing`);
        }
      }
      return result as T;
    },
  };
}

export function unknownKey(place: string, key: string, names: readonly string[]): ConfigError {
  const near = nearest(key, names);
  return new ConfigError(place, near ? `There is no such setting; is it ${near}?` : 'There is no such setting');
}

/** The name that was probably meant. */
export function nearest(key: string, names: readonly string[]): string | undefined {
  return names.find((name) => distance(name.toLowerCase(), key.toLowerCase()) <= 2);
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const change = row[to - 1] + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(change, row[to] + 1, next[to - 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}
