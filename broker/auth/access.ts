import { readFile } from 'node:fs/promises';
import { messageOf } from '../../src/utils/errors';
import { quoteName } from '../topic';
import { BrokerError, CONNACK, describeFileError } from '../errors';
import { BUILT_IN_RULES, Rights, type AclRule, type Subject } from './acl';
import { parseAcl, ruleFault } from './acl-file';
import { createVerifier, looksLikeToken, type JwtOptions, type VerifyToken } from './jwt';
import { hashPassword, parseHash } from './password';
import { LoginThrottle, type ThrottleOptions } from './throttle';
import { BusyError, parseUsers, PasswordChecker, type User } from './users';

export interface AccessOptions {
  /** The users file. */
  users?: string;
  /** Rules, or the ACL file. Without any, users without a role may do everything but read `$SYS`. */
  acl?: string | readonly AclRule[];
  jwt?: JwtOptions;
  /** Lets clients in that show no credentials. Default: only when neither `users` nor `jwt` is given. */
  allowAnonymous?: boolean;
  /** For tests. */
  throttle?: ThrottleOptions;
}

/** The user of a connection, and the means by which it proved so. */
export interface Identity extends Omit<Subject, 'clientId'> {
  via: 'anonymous' | 'password' | 'token' | 'certificate';
  /** Hash of the password that was right: when it changes, the connection ends. */
  hash?: string;
  /** Rights that a token brings. */
  rules?: AclRule[];
  /** When its right ends, in milliseconds since the epoch. */
  expires?: number;
}

export interface LoginRequest {
  username: string | undefined;
  password: Buffer | undefined;
  /** The Authorization header of the WebSocket upgrade. */
  authorization: string | undefined;
  certificateUser: string | undefined;
  address: string | undefined;
}

/** A login that is refused; `returnCode` is what CONNACK says. */
export class LoginError extends Error {
  override readonly name = 'LoginError';
  readonly returnCode: number;

  constructor(returnCode: number, message: string) {
    super(message);
    this.returnCode = returnCode;
  }
}

const ANONYMOUS: Identity = { user: undefined, roles: [], via: 'anonymous' };

/** Knows the users, the rules and the keys, and reads them again on demand. */
export class Access {
  readonly #options: AccessOptions;
  readonly #throttle: LoginThrottle;
  readonly #checker = new PasswordChecker();
  #users: Map<string, User> | undefined;
  #rules: AclRule[] | undefined;
  #verify: VerifyToken | undefined;
  /** A hash that unknown users are compared with, so that they take as long as known ones. */
  #nobody: User | undefined;

  private constructor(options: AccessOptions) {
    this.#options = options;
    this.#throttle = new LoginThrottle(options.throttle);
  }

  /** @throws BrokerError `E_AUTH` when a file cannot be read or says something that cannot be */
  static async open(options: AccessOptions): Promise<Access> {
    const access = new Access(options);
    await access.reload();
    return access;
  }

  /** Whether clients have to show who they are. */
  get needsCredentials(): boolean {
    return this.#options.allowAnonymous === undefined
      ? this.#options.users !== undefined || this.#options.jwt !== undefined
      : !this.#options.allowAnonymous;
  }

  /**
   * Reads everything again. When something cannot be used, all stays as it was.
   *
   * @throws BrokerError `E_AUTH` naming the file and the line
   */
  async reload(): Promise<void> {
    const { users, acl, jwt } = this.#options;
    const newUsers = users === undefined ? undefined : await readWith('users', users, parseUsers);
    const newRules = typeof acl === 'string' ? await readWith('acl', acl, parseAcl) : checked(acl);
    const verify = jwt && (await createVerifier(jwt));
    if (newUsers && !this.#nobody) {
      const hash = await hashPassword('');
      this.#nobody = { name: '', hash, password: parseHash(hash)!, roles: [] };
    }
    this.#users = newUsers;
    this.#rules = newRules;
    this.#verify = verify;
  }

  /**
   * Finds out who a client is. When several things say so (CONNECT, the upgrade's header, a certificate), each has to be
   * valid and all have to name the same user: neither a proxy's identity nor a certificate can be used to borrow
   * somebody else's.
   *
   * @throws LoginError saying what CONNACK has to
   */
  async login(request: LoginRequest): Promise<Identity> {
    if (!this.#users && !this.#verify && request.certificateUser === undefined) {
      // Nothing to compare with: what was sent says nothing
      return this.#anonymous();
    }
    const found: Identity[] = [];
    if (request.certificateUser !== undefined) {
      const roles = this.#users?.get(request.certificateUser)?.roles ?? [];
      found.push({ user: request.certificateUser, roles, via: 'certificate' });
    }
    const header = parseAuthorization(request.authorization);
    if (header) {
      found.push(await this.#byCredentials(header.user, header.secret, request.address));
    }
    const { username, password } = request;
    if (password !== undefined) {
      found.push(await this.#byCredentials(username ?? '', password, request.address));
    } else if (username && found.some(({ user }) => user !== username)) {
      throw new LoginError(
        CONNACK.notAuthorized,
        `User ${quoteName(username)} differs from the user of the certificate or Authorization header`
      );
    } else if (username && found.length === 0) {
      throw new LoginError(CONNACK.badCredentials, `User ${quoteName(username)} sent no password`);
    }
    if (found.length === 0) {
      return this.#anonymous();
    }
    if (found.some(({ user }) => user !== found[0].user)) {
      throw new LoginError(CONNACK.notAuthorized, 'The credentials name different users');
    }
    return { ...found[0], ...found.find(({ via }) => via === 'token') };
  }

  /** The rights of this identity now; undefined: everything but `$SYS`. */
  rights({ user, roles, rules }: Identity, clientId: string): Rights | undefined {
    if (!rules && !this.#rules && roles.length === 0) {
      return undefined;
    }
    // A token's own rules replace those of the file, in addition to its roles
    const all = rules ? [...BUILT_IN_RULES, ...rules] : [...BUILT_IN_RULES, ...(this.#rules ?? [])];
    return new Rights(all, { user, roles, clientId });
  }

  /**
   * The identity of an open connection after a reload, with the roles of now; undefined when it may not stay: its user
   * is gone, or has another password.
   */
  renewed(identity: Identity): Identity | undefined {
    if (identity.via === 'anonymous') {
      return this.needsCredentials ? undefined : identity;
    }
    if (identity.via === 'token') {
      return this.#verify ? identity : undefined;
    }
    const user = this.#users?.get(identity.user ?? '');
    if (identity.via === 'password' && user?.hash !== identity.hash) {
      return undefined;
    }
    return { ...identity, roles: user?.roles ?? [] };
  }

  #anonymous(): Identity {
    if (this.needsCredentials) {
      throw new LoginError(CONNACK.notAuthorized, 'The client sent no credentials');
    }
    return ANONYMOUS;
  }

  async #byCredentials(name: string, secret: Buffer, address = ''): Promise<Identity> {
    const token = secret.toString();
    const isToken = this.#verify !== undefined && looksLikeToken(token);
    const user = this.#users?.get(name);
    if (!isToken && user && this.#checker.knows(user, secret)) {
      return { user: name, roles: user.roles, via: 'password', hash: user.hash };
    }
    const key = isToken ? '' : name;
    if (!(await this.#throttle.wait(address, key))) {
      throw new LoginError(CONNACK.serverUnavailable, 'Too many failed logins from this address');
    }
    try {
      return isToken ? await this.#byToken(name, token) : await this.#byPassword(name, secret);
    } catch (error) {
      if (error instanceof LoginError && error.returnCode !== CONNACK.serverUnavailable) {
        this.#throttle.failed(address, key);
      }
      throw error;
    }
  }

  async #byPassword(name: string, password: Buffer): Promise<Identity> {
    const user = this.#users?.get(name);
    const against = user ?? this.#nobody;
    let right = false;
    try {
      right = against !== undefined && (await this.#checker.check(against, password));
    } catch (error) {
      if (error instanceof BusyError) {
        throw new LoginError(CONNACK.serverUnavailable, error.message);
      }
      throw error;
    }
    if (!user || !right) {
      throw new LoginError(CONNACK.badCredentials, `Wrong user or password for ${quoteName(name)}`);
    }
    return { user: name, roles: user.roles, via: 'password', hash: user.hash };
  }

  async #byToken(name: string, token: string): Promise<Identity> {
    let said;
    try {
      said = await this.#verify?.(token);
    } catch (error) {
      const message = messageOf(error);
      throw new LoginError(CONNACK.badCredentials, `Token refused: ${message}`);
    }
    if (!said || (name !== '' && name !== said.user)) {
      throw new LoginError(CONNACK.badCredentials, `The token is not for user ${quoteName(name)}`);
    }
    return { ...said, via: 'token' };
  }
}

function parseAuthorization(header: string | undefined): { user: string; secret: Buffer } | undefined {
  const [, scheme, value] = /^(basic|bearer)\s+(\S+)\s*$/i.exec(header ?? '') ?? [];
  if (!value) {
    return undefined;
  }
  if (scheme.toLowerCase() === 'bearer') {
    return { user: '', secret: Buffer.from(value) };
  }
  const pair = Buffer.from(value, 'base64');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { user: pair.subarray(0, colon).toString(), secret: pair.subarray(colon + 1) };
}

async function readWith<T>(setting: string, path: string, parse: (text: string) => T): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new BrokerError('E_AUTH', `${setting}: ${describeFileError(path, error)}`, { cause: error });
  }
  try {
    return parse(text);
  } catch (error) {
    throw new BrokerError('E_AUTH', `${setting}: ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function checked(rules: readonly AclRule[] | undefined): AclRule[] | undefined {
  for (const [index, rule] of (rules ?? []).entries()) {
    const fault = ruleFault(rule);
    if (fault) {
      throw new BrokerError('E_AUTH', `acl[${index}]: ${fault}`);
    }
  }
  return rules && [...rules];
}
