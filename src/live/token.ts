import type { ConnectionFault, Credentials } from '../engine';

/** An answer of Grafana's server; `status` 0 where there was none. */
export interface ServerAnswer {
  readonly status: number;
  readonly body: string;
}

export interface TokenDeps {
  /** Asks the data source's `token` route, through Grafana's proxy. Does not reject. */
  fetch(): Promise<ServerAnswer>;
  now(): number;
}

/** Why there is no token. `retry`: asking again later may help. */
export interface NoCredentials {
  readonly fault: ConnectionFault;
  readonly retry: boolean;
}

/** What goes with a token where neither its answer nor the settings name a user: MQTT 3.1.1 has no password without. */
const DEFAULT_USERNAME = 'token';

/** A token with less of its life left than this may be refused by the time it arrives, in milliseconds. */
const MARGIN_MS = 10_000;

/**
 * Passwords of a short life, fetched for each attempt to connect. One whose answer says how long it lives is used
 * again within that time; one that the broker refused is not.
 */
export class TokenSource {
  readonly #deps: TokenDeps;
  readonly #username: string | undefined;
  #kept: { readonly credentials: Credentials; readonly until: number } | undefined;
  /** Whether the last answer was one that had been given before. */
  #reused = false;

  /** @param username of the settings; one in the answer goes before it. */
  constructor(username: string | undefined, deps: TokenDeps) {
    this.#username = username === '' ? undefined : username;
    this.#deps = deps;
  }

  async credentials(): Promise<Credentials | NoCredentials> {
    if (this.#kept !== undefined && this.#deps.now() < this.#kept.until) {
      this.#reused = true;
      return this.#kept.credentials;
    }
    this.#kept = undefined;
    this.#reused = false;
    const asked = this.#deps.now();
    const answer = await this.#deps.fetch();
    if (answer.status < 200 || answer.status > 299) {
      return noToken(answer);
    }
    const token = readToken(answer.body);
    if (token === undefined) {
      return fault(
        'its answer has no token. It should be text, or JSON with "token", "access_token" or "password"',
        'answer without a token'
      );
    }
    const credentials = { username: token.username ?? this.#username ?? DEFAULT_USERNAME, password: token.password };
    if (token.expiresIn !== undefined) {
      const lifeMs = token.expiresIn * 1_000;
      this.#kept = { credentials, until: asked + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) };
    }
    return credentials;
  }

  /**
   * The broker did not take it: the next attempt fetches another.
   *
   * @returns whether it was one from before, so that another may well be taken.
   */
  discard(): boolean {
    this.#kept = undefined;
    return this.#reused;
  }
}

interface Token {
  readonly password: string;
  readonly username?: string;
  /** Seconds. */
  readonly expiresIn?: number;
}

/** Reads what a token URL answers: JSON `{ token | access_token | password, username?, expires_in? }`, or text. */
export function readToken(body: string): Token | undefined {
  const text = body.trim();
  if (text.startsWith('<')) {
    return undefined; // a web page: somebody's login form
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
  const {
    token,
    access_token,
    password = token ?? access_token,
    username,
    expires_in,
  } = Object(answer) as Record<string, unknown>;
  if (typeof password !== 'string' || password === '') {
    return undefined;
  }
  const seconds = typeof expires_in === 'string' ? Number(expires_in) : expires_in;
  return {
    password,
    ...(typeof username === 'string' && username !== '' ? { username } : undefined),
    ...(typeof seconds === 'number' && seconds > 0 ? { expiresIn: seconds } : undefined),
  };
}

function noToken({ status, body }: ServerAnswer): NoCredentials {
  const seen = `status ${status}${body === '' ? '' : `: ${body.slice(0, 200)}`}`;
  switch (status) {
    case 0:
      return fault('Grafana did not answer. Check the network', 'no answer');
    case 400:
      // Grafana turns the 401 of a target into a 400, so that it is not taken for its own.
      return fault(
        'it was asked with the wrong credentials. Check the headers in the settings of the data source',
        seen
      );
    case 401:
      return {
        fault: {
          code: 'session',
          message: 'Your Grafana session has expired. Reload the page and log in.',
          details: seen,
        },
        retry: true,
      };
    case 403:
      return fault('Grafana or the token URL does not allow it. Ask an administrator', seen);
    case 404:
      return fault('there is nothing at the token URL. Check its path', seen);
    case 502:
    case 503:
    case 504:
      return fault("Grafana's server cannot reach the token URL", seen);
    default:
      return fault(`the answer was ${status}`, seen);
  }
}

function fault(reason: string, details: string): NoCredentials {
  return {
    fault: { code: 'token', message: `The token for the broker could not be had: ${reason}.`, details },
    retry: true,
  };
}
