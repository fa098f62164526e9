import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { messageOf } from '../../src/utils/errors';
import { isRecord } from '../../src/utils/is-object';
import { BrokerError, describeFileError } from '../errors';
import { ruleFault } from './acl-file';
import type { AclAccess, AclRule } from './acl';

/** How JSON Web Tokens are checked. One of `secret`, `secretFile`, `publicKey` and `jwks`. */
export interface JwtOptions {
  /** The shared secret of HS256, HS384 and HS512, of 32 bytes or more. */
  secret?: string;
  /** A file with the shared secret; white space around it does not count. */
  secretFile?: string;
  /** A PEM file with the public key or certificate that signs (RS, PS, ES, EdDSA). */
  publicKey?: string;
  /** A key set: a JSON file, or an https URL from which it is fetched when a token names a key that is not known. */
  jwks?: string;
  issuer?: string;
  audience?: string;
  /** The claim that is the user. Default: `sub`. */
  userClaim?: string;
}

/** The claims of a valid token. */
export interface TokenIdentity {
  user: string;
  roles: string[];
  /** Rights of this token alone; undefined when it has no `acl` claim. */
  rules: AclRule[] | undefined;
  /** Milliseconds since the epoch; undefined for a token that does not expire. */
  expires: number | undefined;
}

export type VerifyToken = (token: string) => Promise<TokenIdentity>;

const SHARED = ['HS256', 'HS384', 'HS512'];
/** Never HMAC with a public key: anyone who has the public key could sign with it as a shared secret. */
const PUBLIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const MIN_SECRET_BYTES = 32;
/** Seconds that clocks may differ. */
const CLOCK_TOLERANCE = 5;
const MAX_TOKEN_RULES = 1_000;

/**
 * Reads the keys.
 *
 * @throws BrokerError `E_AUTH` when they cannot be used
 */
export async function createVerifier(options: JwtOptions): Promise<VerifyToken> {
  const { issuer, audience, userClaim = 'sub' } = options;
  const key = await keyOf(options);
  const checks = { issuer, audience, algorithms: key instanceof Uint8Array ? SHARED : PUBLIC };
  return async (token) => {
    const rules = { ...checks, clockTolerance: CLOCK_TOLERANCE };
    const { payload } =
      typeof key === 'function' ? await jwtVerify(token, key, rules) : await jwtVerify(token, key, rules);
    return identityOf(payload, userClaim);
  };
}

/** Whether a password looks like a token rather than a password. */
export function looksLikeToken(text: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

async function keyOf({ secret, secretFile, publicKey, jwks }: JwtOptions) {
  const given = Object.entries({ secret, secretFile, publicKey, jwks }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    throw new BrokerError('E_AUTH', 'jwt: Expected one of secret, secretFile, publicKey and jwks');
  }
  const [[name, value = '']] = given;
  try {
    if (name === 'jwks' && /^https?:/.test(value)) {
      return createRemoteJWKSet(new URL(value));
    }
    const text = name === 'secret' ? value : await readText(value);
    if (name === 'jwks') {
      return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
    }
    if (name === 'publicKey') {
      return createPublicKey(text);
    }
    const bytes = new TextEncoder().encode(text.trim());
    if (bytes.length < MIN_SECRET_BYTES) {
      throw new Error(`the secret has ${bytes.length} bytes, and needs at least ${MIN_SECRET_BYTES}`);
    }
    return bytes;
  } catch (error) {
    throw new BrokerError('E_AUTH', `jwt.${name}: ${messageOf(error)}`, { cause: error });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(describeFileError(path, error), { cause: error });
  }
}

function identityOf(payload: JWTPayload, userClaim: string): TokenIdentity {
  const user = payload[userClaim];
  if (typeof user !== 'string' || user === '') {
    throw new Error(`The token has no claim "${userClaim}" that could be the user name`);
  }
  const { roles, acl, exp } = payload as JWTPayload & { roles?: unknown; acl?: unknown };
  return {
    user,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    rules: acl === undefined ? undefined : rulesOf(acl),
    expires: exp === undefined ? undefined : exp * 1_000,
  };
}

/** `{ "read": ["home/#"], "write": [...], "subscribe": [...], "deny": [...] }`; anything else makes the token invalid. */
function rulesOf(acl: unknown): AclRule[] {
  if (!isRecord(acl)) {
    throw new Error('The claim "acl" is not an object of lists');
  }
  const rules: AclRule[] = [];
  for (const [access, topics] of Object.entries(acl)) {
    if (!['read', 'write', 'readwrite', 'subscribe', 'deny'].includes(access) || !Array.isArray(topics)) {
      throw new Error(`The claim "acl" has "${access}"; expected lists read, write, readwrite, subscribe, deny`);
    }
    for (const topic of topics as unknown[]) {
      const rule: AclRule =
        access === 'deny'
          ? { deny: 'all', topic: String(topic) }
          : { allow: access as AclAccess, topic: String(topic) };
      const fault = ruleFault(rule);
      if (fault || rules.length >= MAX_TOKEN_RULES) {
        throw new Error(`The claim "acl": ${fault ?? `more than ${MAX_TOKEN_RULES} topics`}`);
      }
      rules.push(rule);
    }
  }
  return rules;
}
