import type { ConnectionError, Credentials } from '../engine';

/** A response of Grafana's server; `status` 0 if there was none. */
export interface ServerResponse {
  readonly status: number;
  readonly body: string;
}

export interface TokenDeps {
  /** Requests the data source's `token` route through Grafana's proxy. Does not reject. */
  fetch(): Promise<ServerResponse>;
}

/** Why there are no credentials. `retry`: a later request may succeed. */
export interface NoCredentials {
  readonly error: ConnectionError;
  readonly retry: boolean;
}

/** The user name if neither the response nor the settings have one: MQTT 3.1.1 has no password without a user name. */
const DEFAULT_USERNAME = 'token';

/**
 * Short-lived passwords, one fetched for each attempt to connect. No token is used twice, whatever its lifetime: it may
 * have been revoked or belong to other headers, and some brokers lock out a client that is refused again and again.
 */
export class TokenSource {
  readonly #deps: TokenDeps;
  readonly #username: string | undefined;

  /** @param username from the settings; a user name in the response takes precedence. */
  constructor(username: string | undefined, deps: TokenDeps) {
    this.#username = username === '' ? undefined : username;
    this.#deps = deps;
  }

  async credentials(): Promise<Credentials | NoCredentials> {
    const answer = await this.#deps.fetch();
    if (answer.status < 200 || answer.status > 299) {
      return noToken(answer);
    }
    const token = readToken(answer.body);
    return token === undefined
      ? error(
          'the response has no token. It must be text, or JSON with "token", "access_token" or "password"',
          'response without a token'
        )
      : { username: token.username ?? this.#username ?? DEFAULT_USERNAME, password: token.password };
  }
}

interface Token {
  readonly password: string;
  readonly username?: string;
}

/** Reads the response of a token URL: JSON `{ token | access_token | password, username? }`, or text. */
export function readToken(body: string): Token | undefined {
  const text = body.trim();
  if (text.startsWith('<')) {
    return undefined; // a web page, such as a login form
  }
  if (!/^["{[]/.test(text)) {
    return text === '' || /\s/.test(text) ? undefined : { password: text };
  }
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof answer === 'string') {
    return answer === '' ? undefined : { password: answer };
  }
  const { token, access_token, password = token ?? access_token, username } = Object(answer) as Record<string, unknown>;
  if (typeof password !== 'string' || password === '') {
    return undefined;
  }
  return { password, ...(typeof username === 'string' && username !== '' ? { username } : undefined) };
}

function noToken({ status, body }: ServerResponse): NoCredentials {
  const seen = `status ${status}${body === '' ? '' : `: ${body.slice(0, 200)}`}`;
  switch (status) {
    case 0:
      return error('Grafana did not answer. Check the network', 'no response');
    case 400:
      // Grafana turns a target's 401 into a 400, so that the browser does not take it for Grafana's own.
      return error(
        'the token URL did not accept the credentials. Check the headers in the settings of the data source',
        seen
      );
    case 401:
      return {
        error: {
          code: 'session',
          message: 'Your Grafana session has expired. Reload the page and log in.',
          details: seen,
        },
        retry: true,
      };
    case 403:
      return error('Grafana or the token URL does not allow the request. Ask an administrator', seen);
    case 404:
      return error('the server has nothing at the token URL. Check the path', seen);
    case 502:
    case 503:
    case 504:
      return error("Grafana's server cannot reach the token URL", seen);
    default:
      return error(`the token URL answered with status ${status}`, seen);
  }
}

function error(reason: string, details: string): NoCredentials {
  return {
    error: { code: 'token', message: `The data source could not get a token for the broker: ${reason}.`, details },
    retry: true,
  };
}
