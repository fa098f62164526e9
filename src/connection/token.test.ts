import { describe, expect, test, vi } from 'vitest';
import { readToken, type ServerResponse, TokenSource } from './token';

describe('an answer', () => {
  test.each([
    ['abc.def', { password: 'abc.def' }],
    [' abc\n', { password: 'abc' }],
    ['"abc"', { password: 'abc' }],
    ['{"token":"t"}', { password: 't' }],
    ['{"access_token":"t","token_type":"Bearer","expires_in":3600}', { password: 't' }],
    ['{"password":"p","username":"u","expires_in":"60"}', { password: 'p', username: 'u' }],
    ['{"password":"p","token":"t"}', { password: 'p' }],
    ['{"token":"t","expires_in":-1}', { password: 't' }],
  ])('%s is read', (body, token) => {
    expect(readToken(body)).toEqual(token);
  });

  test.each(['', '  ', '{}', '{"token":""}', '{"token":5}', '{"token"', '[]', '""', 'Please log in', '<html></html>'])(
    '%j has no token',
    (body) => {
      expect(readToken(body)).toBeUndefined();
    }
  );
});

function source(username?: string) {
  const fetch = vi.fn<() => Promise<ServerResponse>>();
  return { fetch, tokens: new TokenSource(username, { fetch }) };
}

const ok = (body: string): ServerResponse => ({ status: 200, body });

describe('a token', () => {
  test('is fetched again for each attempt', async () => {
    const { tokens, fetch } = source();
    fetch.mockResolvedValueOnce(ok('a')).mockResolvedValueOnce(ok('b'));
    expect(await tokens.credentials()).toEqual({ username: 'token', password: 'a' });
    expect(await tokens.credentials()).toEqual({ username: 'token', password: 'b' });
  });

  test('is not used again, however long it says that it lives', async () => {
    const { tokens, fetch } = source();
    fetch
      .mockResolvedValueOnce(ok('{"token":"a","expires_in":3600}'))
      .mockResolvedValueOnce(ok('{"token":"b","expires_in":3600}'));
    expect(await tokens.credentials()).toMatchObject({ password: 'a' });
    expect(await tokens.credentials()).toMatchObject({ password: 'b' });
  });

  test('goes with the user of its answer, or of the settings', async () => {
    const { tokens, fetch } = source('set');
    fetch.mockResolvedValueOnce(ok('{"token":"t","username":"told"}')).mockResolvedValueOnce(ok('t'));
    expect(await tokens.credentials()).toEqual({ username: 'told', password: 't' });
    expect(await tokens.credentials()).toEqual({ username: 'set', password: 't' });
  });

  test.each([
    [0, '', 'token', /Grafana did not answer/],
    [400, 'Authentication to data source failed', 'token', /did not accept the credentials/],
    [401, '', 'session', /session has expired/],
    [403, '', 'token', /does not allow/],
    [404, '', 'token', /nothing at the token URL/],
    [502, '', 'token', /cannot reach the token URL/],
    [500, 'oops', 'token', /answered with status 500/],
    [200, '<html>login</html>', 'token', /no token/],
  ])('%i %j cannot be had: %s %s', async (status, body, code, words) => {
    const { tokens, fetch } = source();
    fetch.mockResolvedValue({ status, body });
    expect(await tokens.credentials()).toEqual({
      error: { code, message: expect.stringMatching(words), details: expect.any(String) },
      retry: true,
    });
  });
});
