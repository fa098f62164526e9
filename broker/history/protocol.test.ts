import { describe, expect, test } from 'vitest';
import { MAX_REQUEST_BYTES, RequestError, parseRequest, removeCovered } from './protocol';
import { HistoryTopics, validateRoot } from './topics';

const parse = (request: unknown): ReturnType<typeof parseRequest> =>
  parseRequest(Buffer.from(typeof request === 'string' ? request : JSON.stringify(request)));

describe('a request', () => {
  test('with all fields, and with the required ones', () => {
    expect(parse({ v: 1, filters: ['a/#', 'b'], from: 1, to: 2, limit: 3 })).toEqual({
      v: 1,
      filters: ['a/#', 'b'],
      from: 1,
      to: 2,
      limit: 3,
      maxPoints: Infinity,
      mark: undefined,
    });
    expect(parse({ v: 1, filters: ['a'], from: 0, later: 'fields do no harm' })).toEqual({
      v: 1,
      filters: ['a'],
      from: 0,
      to: Infinity,
      limit: Infinity,
      maxPoints: Infinity,
      mark: undefined,
    });
    expect(parse({ v: 2, filters: ['a'], from: 0, maxPoints: 100, mark: 'me' })).toMatchObject({
      v: 2,
      maxPoints: 100,
      mark: 'me',
    });
    expect(parse({ v: 2, cancel: true })).toBe('cancel');
    expect(parse({ v: 1, cancel: true })).toBe('cancel');
  });

  test('with a filter that covers another one reads each topic once', () => {
    expect(removeCovered(['a/b', '+/b', '+/b', 'a/#', 'c'])).toEqual(['+/b', 'a/#', 'c']);
    expect(removeCovered(['#', 'a', '+/+'])).toEqual(['#']);
  });

  test.each<[unknown, string]>([
    ['', 'Expected JSON, such as {"v":1,"filters":["home/#"]'],
    ['{"v":1', 'Expected JSON'],
    ['\uFFFD\u0000', 'Expected JSON'],
    [[], 'Expected a JSON object, got a list'],
    ['null', 'Expected a JSON object, got null'],
    ['"x"', 'Expected a JSON object, got "x"'],
    ['['.repeat(10_000), 'Expected JSON'],
    [{}, 'Expected v to be 1 or 2, the versions of this historian, got nothing'],
    [{ v: 3 }, 'Expected v to be 1 or 2, the versions of this historian, got 3'],
    [
      '{"__proto__":{"v":1,"filters":["a"],"from":1}}',
      'Expected v to be 1 or 2, the versions of this historian, got nothing',
    ],
    [{ v: 1, cancel: 1 }, 'Expected cancel to be true, got 1'],
    [{ v: 1, filters: ['a'] }, 'Expected from to be milliseconds since 1970, got nothing'],
    [{ v: 1, filters: ['a'], from: '1' }, 'Expected from to be milliseconds since 1970, got "1"'],
    [{ v: 1, filters: ['a'], from: -1 }, 'got -1'],
    ['{"v":1,"filters":["a"],"from":1e999}', 'Expected from to be milliseconds since 1970'],
    [{ v: 1, filters: ['a'], from: 1, to: null }, 'Expected to to be milliseconds since 1970, got null'],
    [{ v: 1, filters: ['a'], from: 2, to: 1 }, 'Expected from to be at most to, got 2 and 1'],
    [{ v: 1, from: 1 }, 'Expected filters to be a list of 1 to 20 topic filters, got nothing'],
    [{ v: 1, from: 1, filters: [] }, 'got a list of 0'],
    [{ v: 1, from: 1, filters: Array(21).fill('a') }, 'got a list of 21'],
    [{ v: 1, from: 1, filters: 'a' }, 'got "a"'],
    [{ v: 1, from: 1, filters: [{}] }, 'Expected a topic filter, got an object'],
    [{ v: 1, from: 1, filters: ['a/#/b'] }, 'Topic filter "a/#/b" has # before the last level'],
    [{ v: 1, from: 1, filters: [''] }, 'Topic filter "" is empty'],
    [{ v: 1, filters: ['a'], from: 1, limit: 0 }, 'Expected limit to be a whole number of at least 1, got 0'],
    [{ v: 1, filters: ['a'], from: 1, limit: 1.5 }, 'got 1.5'],
    [{ v: 2, filters: ['a'], from: 1, maxPoints: 0 }, 'Expected maxPoints to be a whole number of at least 1, got 0'],
    [{ v: 2, filters: ['a'], from: 1, mark: '' }, 'Expected mark to be a client id of 1 to 256 characters, got ""'],
    [{ v: 2, filters: ['a'], from: 1, mark: 7 }, 'Expected mark to be a client id of 1 to 256 characters, got 7'],
    [
      { v: 1, filters: ['x'.repeat(MAX_REQUEST_BYTES)], from: 1 },
      `Expected a request of at most ${MAX_REQUEST_BYTES} bytes, got `,
    ],
  ])('%j is none', (request, message) => {
    expect(() => parse(request)).toThrow(RequestError);
    expect(() => parse(request)).toThrow(message);
  });
});

describe('the topics', () => {
  const topics = new HistoryTopics('my/history');

  test.each<[string, ReturnType<HistoryTopics['parseRequestTopic']>]>([
    ['my/history/request/me/1', { clientId: 'me', responseTopic: 'my/history/response/me/1' }],
    ['my/history/request/a%2Fb/x', { clientId: 'a/b', responseTopic: 'my/history/response/a%2Fb/x' }],
    ['my/history/request/100%25/x', { clientId: '100%', responseTopic: 'my/history/response/100%25/x' }],
    ['my/history/request/ü /1', { clientId: 'ü ', responseTopic: 'my/history/response/ü /1' }],
    ['my/history/request/__proto__/1', { clientId: '__proto__', responseTopic: 'my/history/response/__proto__/1' }],
    ['my/history/request/100%/x', undefined],
    ['my/history/request/me', undefined],
    ['my/history/request/me/', undefined],
    ['my/history/request//1', undefined],
    ['my/history/request/me/1/2', undefined],
    [`my/history/request/me/${'1'.repeat(65)}`, undefined],
    ['my/history/response/me/1', undefined],
    ['history/request/me/1', undefined],
  ])('%s', (topic, expected) => {
    expect(topics.parseRequestTopic(topic)).toEqual(expected);
    expect(topics.validateRequestTopic(topic)).toEqual(
      expected ? undefined : expect.stringContaining('my/history/request/CLIENT-ID')
    );
  });

  test.each<[client: string, filter: string, may: boolean | undefined]>([
    ['me', 'my/history/response/me/+', true],
    ['me', 'my/history/response/me/#', true],
    ['me', 'my/history/response/me/1', true],
    ['me', 'my/history/status', true],
    ['a/b', 'my/history/response/a%2Fb/+', true],
    ['a/b', 'my/history/response/a/b', false],
    ['a', 'my/history/response/a/b/+', true],
    // Another client's id, which must not be read for ours
    ['a%2Fb', 'my/history/response/a%2Fb/+', false],
    ['a%2Fb', 'my/history/response/a%252Fb/+', true],
    ['me', 'my/history/response/you/+', false],
    ['+', 'my/history/response/%2B/+', true],
    ['', 'my/history/response//+', false],
    ['me', 'my/history/mark/me/+', true],
    ['a/b', 'my/history/mark/a%2Fb/+', true],
    ['me', 'my/history/mark/you/+', false],
    ['me', 'my/history/mark/+/+', undefined],
    ['me', 'my/history/response/+/+', undefined],
    ['+', 'my/history/response/+/+', undefined],
    ['me', '#', undefined],
    ['me', 'my/history/request/me/1', undefined],
    ['me', 'my/history/other/me', undefined],
  ])('%s may subscribe to %s: %s', (client, filter, may) => {
    expect(topics.maySubscribe(client, filter)).toBe(may);
  });

  test('only requests, responses, marks and the status are its own topics', () => {
    const own = ['my/history/request/a', 'my/history/response/b', 'my/history/mark/c', 'my/history/status'];
    const others = [
      'my/history',
      'my/history/',
      'my/history/status/x',
      'my/history/requested',
      'my/historys/request/a',
      'request/a',
    ];
    expect(own.filter((topic) => topics.isOwn(topic))).toEqual(own);
    expect(others.filter((topic) => topics.isOwn(topic))).toEqual([]);
  });

  test.each([
    ['history', undefined],
    ['plant 1/history', undefined],
    ['a/+', /contains a wildcard/],
    ['$SYS/history', /begins with \$/],
    ['a//b', /has an empty level/],
    ['', /has an empty level/],
    ['x'.repeat(201), /is longer than 200 bytes/],
    ['a\0', /NUL/],
  ])('root %j', (root, fault) => {
    expect(validateRoot(root)).toEqual(fault ? expect.stringMatching(fault) : undefined);
  });
});
