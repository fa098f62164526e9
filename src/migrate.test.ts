import { describe, expect, test } from 'vitest';
import {
  migrateQuery,
  type MigrationStep,
  QUERY_VERSION,
  QueryFormError,
  QueryVersionError,
  withVersion,
} from './migrate';
import type { MqttQuery } from './types';
import { isObject } from './utils/is-object';

const query: MqttQuery = { refId: 'A', topic: 'a/b' };

/** Steps that later versions may have: rename a field, then change its meaning. */
const STEPS: readonly MigrationStep[] = [
  ({ topic, ...rest }) => ({ ...rest, topic: `2:${topic}` }),
  ({ topic, ...rest }) => ({ ...rest, topic: `3:${topic}` }),
];

function deepFreeze<T extends object>(object: T): T {
  for (const value of Object.values(object)) {
    if (isObject(value)) {
      deepFreeze(value);
    }
  }
  return Object.freeze(object);
}

describe('migrateQuery', () => {
  test.each([undefined, 1, QUERY_VERSION])(
    'a query of version %s that needs no change is the same object',
    (version) => {
      const saved = version === undefined ? query : { ...query, version };
      expect(migrateQuery(saved)).toBe(saved);
    }
  );

  test.each([
    [undefined, '3:2:a/b'],
    [1, '3:2:a/b'],
    [2, '3:a/b'],
    [3, 'a/b'],
  ])('from version %s, step by step: %s', (version, topic) => {
    const saved = version === undefined ? query : { ...query, version };
    expect(migrateQuery(saved, STEPS)).toEqual({ ...saved, topic });
  });

  test('keeps fields that it does not know, and leaves its input alone', () => {
    const saved = deepFreeze({ ...query, keep: { rows: 5 }, futureField: { deep: [1] } });
    expect(migrateQuery(saved)).toEqual({ ...query, keep: { rows: 5 }, futureField: { deep: [1] } });
    expect(migrateQuery(saved, STEPS)).toEqual({ ...saved, topic: '3:2:a/b' });
  });

  test('a query of a newer version is refused in words, with both versions', () => {
    const newer = { ...query, version: QUERY_VERSION + 1 };
    expect(() => migrateQuery(newer)).toThrow(QueryVersionError);
    expect(() => migrateQuery(newer)).toThrow(
      /saved by a newer version of the MQTT Stream plugin.*has version 2.*up to 1.*Update the plugin/
    );
    expect(migrateQuery(newer, STEPS).topic).toBe('3:a/b');
  });

  test.each(['"1"', '0', '-1', '1.5', '"newest"', '{}', '1e999'])('version %s is refused in words', (version) => {
    const saved = JSON.parse(`{"refId":"A","topic":"a","version":${version}}`) as MqttQuery;
    expect(() => migrateQuery(saved)).toThrow(/^The version of this query is .*whole number from 1 to 1/);
  });

  test('null, as a program may write a missing value, is no version', () => {
    const saved = JSON.parse('{"refId":"A","topic":"a","version":null}') as MqttQuery;
    expect(migrateQuery(saved)).toBe(saved);
  });
});

describe('a query whose JSON was written by hand or by a program', () => {
  const parsed = (json: string): MqttQuery => JSON.parse(`{"refId":"A","topic":"a",${json}}`) as MqttQuery;

  test.each([
    ['"topic":5', '"topic" must be text, and is 5'],
    ['"rows":["a"]', '"rows" must be text, and is ["a"]'],
    ['"legend":{"a":1}', '"legend" must be text, and is {"a":1}'],
    ['"fields":"temp"', '"fields" must be a list, and is "temp"'],
    ['"fields":{"path":"temp"}', '"fields" must be a list, and is {"path":"temp"}'],
    ['"fields":["temp"]', '"fields[0]" must be an object, and is "temp"'],
    ['"fields":[{"path":"temp"},{"unit":"celsius"}]', '"fields[1].path" is missing'],
    ['"fields":[{"path":"temp","unit":7}]', '"fields[0].unit" must be text, and is 7'],
    ['"labels":[null]', '"labels[0]" must be an object, and is null'],
    ['"mappings":[{"path":"state","true":1,"false":"OFF"}]', '"mappings[0].true" must be text, and is 1'],
    ['"time":5', '"time" must be an object, and is 5'],
    ['"time":{"from":"path","path":1}', '"time.path" must be text, and is 1'],
    ['"keep":"x"', '"keep" must be an object, and is "x"'],
    ['"qos":9', '"qos" must be one of 0, 1, 2, and is 9'],
    ['"qos":"1"', '"qos" must be one of 0, 1, 2, and is "1"'],
    ['"reduce":"avg"', '"reduce" must be one of "all", "last", "mean", "minmax", and is "avg"'],
    ['"shape":"bars"', '"shape" must be one of "series", "latest", "table", "logs", "annotations", and is "bars"'],
    ['"fill":true', '"fill" must be one of "none", "previous", "zero", and is true'],
    ['"retained":"no"', '"retained" must be one of "use", "mark", "ignore", and is "no"'],
    ['"time":{"from":"payload"}', '"time.from" must be one of "arrival", "auto", "path", and is "payload"'],
    ['"rowsAs":"list"', '"rowsAs" must be one of "items", "times", "keys", "columns", and is "list"'],
    [
      '"time":{"intervalUnit":"xx"}',
      '"time.intervalUnit" must be one of "ms", "s", "min", "us", "ns", "Hz", and is "xx"',
    ],
    [
      '"formatOptions":{"byteOrder":"CDAB"}',
      '"formatOptions.byteOrder" must be one of "big", "little", "cdab", "badc", and is "CDAB"',
    ],
    [
      '"formatOptions":{"compression":"x"}',
      '"formatOptions.compression" must be one of "gzip", "deflate", "deflate-raw", and is "x"',
    ],
    [
      '"formatOptions":{"unwrap":{"encoding":"base32"}}',
      '"formatOptions.unwrap.encoding" must be one of "base64", "hex", and is "base32"',
    ],
    ['"formatOptions":{"unwrap":"hex"}', '"formatOptions.unwrap" must be an object, and is "hex"'],
    ['"labels":[{"path":"a","from":"x"}]', '"labels[0].from" must be one of "payload", "property", and is "x"'],
    [
      '"fields":[{"path":"a","type":"float"}]',
      '"fields[0].type" must be one of "auto", "number", "string", "boolean", "time", "json", and is "float"',
    ],
  ])('%s is refused in words', (json, words) => {
    expect(() => migrateQuery(parsed(json))).toThrow(QueryFormError);
    expect(() => migrateQuery(parsed(json))).toThrow(`The JSON of this query cannot be read: ${words}.`);
  });

  test('a long value is cut', () => {
    expect(() => migrateQuery(parsed(`"rows":[${'1,'.repeat(500)}1]`))).toThrow(/^.{50,150}…\. Correct it/);
  });

  test('null is a value that is missing, as it is for the version', () => {
    const saved = deepFreeze(parsed('"rows":null,"fields":null,"time":{"path":null},"legend":null,"future":null'));
    expect(migrateQuery(saved)).toEqual({ refId: 'A', topic: 'a', time: {}, future: null });
    expect(migrateQuery(parsed('"fields":[{"path":"temp","unit":null}]')).fields).toEqual([{ path: 'temp' }]);
  });
});

test('withVersion adds the current version and nothing else', () => {
  const saved = deepFreeze({ ...query, qos: 1 as const });
  expect(withVersion(saved)).toEqual({ ...saved, version: QUERY_VERSION });
});
