import { createHmac, randomBytes } from 'node:crypto';
import { BROKER_COMMAND } from '../commands';
import { AuthFileError } from '../errors';
import { parseHash, type PasswordHash } from './password';
import { linesOf } from './file-lines';

export interface User {
  name: string;
  /** As it stands in the file: changes when the password does. */
  hash: string;
  password: PasswordHash;
  roles: string[];
}

/**
 * Reads a users file: one `name:hash` or `name:hash:role,role` a line, `#` before comments.
 *
 * @throws AuthFileError naming the line
 */
export function parseUsers(text: string): Map<string, User> {
  const users = new Map<string, User>();
  for (const [line, lineNumber] of linesOf(text)) {
    const [name, hash = '', roles = '', ...rest] = line.split(':');
    const password = parseHash(hash);
    const fault =
      name === '' || rest.length > 0
        ? 'Expected name:hash or name:hash:roles'
        : users.has(name)
          ? `User ${name} has two lines; remove one of them`
          : password
            ? undefined
            : `User ${name} has no valid password hash; set the password with: ${BROKER_COMMAND} passwd FILE ${name}`;
    if (fault || !password) {
      throw new AuthFileError(`line ${lineNumber}: ${fault}`);
    }
    users.set(name, { name, hash, password, roles: roles.split(',').filter((role) => role !== '') });
  }
  return users;
}

/** Says why a name cannot stand in a users file, or undefined when it can. */
export function nameFault(name: string): string | undefined {
  return /^[^\s:#\p{Cc}][^:\p{Cc}]*$/u.test(name) && name === name.trim()
    ? undefined
    : 'A user name is not empty, does not begin with #, and holds no colon and no control character';
}

/**
 * The text of a users file with one user set, replaced or removed; all other lines stay as they are.
 *
 * @param hash undefined removes the user
 * @param roles undefined keeps those that the user has
 */
export function withUser(text: string, name: string, hash: string | undefined, roles?: string[]): string {
  const lines = text.replace(/\n+$/, '').split('\n');
  const at = lines.findIndex((line) => line.trim().startsWith(`${name}:`));
  if (hash === undefined) {
    if (at >= 0) {
      lines.splice(at, 1);
    }
  } else {
    const kept = at >= 0 ? (lines[at].trim().split(':')[2] ?? '') : '';
    const tail = roles ? roles.join(',') : kept;
    const line = tail === '' ? `${name}:${hash}` : `${name}:${hash}:${tail}`;
    lines.splice(at >= 0 ? at : lines.length, at >= 0 ? 1 : 0, line);
  }
  const result = lines.filter((line, index) => line !== '' || index > 0).join('\n');
  return result === '' ? '' : `${result}\n`;
}

/** Password checks that run at once: each takes a core and, with scrypt, 32 MiB. */
const MAX_RUNNING = 2;
const MAX_WAITING = 2_000;
const MAX_REMEMBERED = 10_000;

/** More logins wait to be checked than there may. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/**
 * Checks passwords, a few at a time, and remembers those that were right: a fleet that comes back after a broken line
 * does not pay for scrypt again. What is remembered is a keyed hash, good for this process only.
 */
export class PasswordChecker {
  readonly #key = randomBytes(32);
  readonly #remembered = new Set<string>();
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  /** Whether this very password was right before; no cost. */
  knows(user: User, password: Buffer): boolean {
    return this.#remembered.has(this.#mark(user, password));
  }

  /** @throws BusyError when too many are waiting */
  async check(user: User, password: Buffer): Promise<boolean> {
    if (this.knows(user, password)) {
      return true;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new BusyError('Too many logins at the same time; the client may try again');
    }
    if (this.#running >= MAX_RUNNING) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#running += 1;
    try {
      const right = await user.password.verify(password);
      if (right) {
        this.#remember(this.#mark(user, password));
      }
      return right;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  #mark({ name, hash }: User, password: Buffer): string {
    return createHmac('sha256', this.#key).update(`${name}:${hash}:`).update(password).digest('base64');
  }

  #remember(mark: string): void {
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.clear();
    }
    this.#remembered.add(mark);
  }
}
