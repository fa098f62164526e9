import { createHash, pbkdf2, randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** Cost of new hashes: 2^15 blocks of 8 * 128 bytes, so 32 MiB and some 70 ms of one core for each login. */
const COST = { ln: 15, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The memory that a hash in a users file may ask for, in bytes: one written elsewhere must not take all. */
const MAX_MEMORY = 256 << 20;

/** The scrypt hash of a password, in the PHC format: `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const { ln, r, p } = COST;
  const salt = randomBytes(SALT_BYTES);
  const hash = await scryptOf(Buffer.from(password), salt, HASH_BYTES, { N: 2 ** ln, r, p });
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
}

/** A hash that can be compared with: scrypt, or what `mosquitto_passwd` writes: PBKDF2 (`$7$`), SHA-512 before 2.0 (`$6$`). */
export interface PasswordHash {
  verify(password: Buffer): Promise<boolean>;
}

/** Reads a hash; undefined when it is none that is known here, or one that asks for too much. */
export function parseHash(text: string): PasswordHash | undefined {
  if (text.startsWith('$6$')) {
    return parseSha512(text);
  }
  const [, kind, cost, salt, hash, ...rest] = text.split('$');
  if (!hash || rest.length > 0) {
    return undefined;
  }
  const expected = Buffer.from(hash, 'base64');
  const salted = Buffer.from(salt, 'base64');
  if (kind === 'scrypt') {
    const [, ln, r, p] = (/^ln=(\d+),r=(\d+),p=(\d+)$/.exec(cost) ?? []).map(Number);
    if (!ln || !r || !p || expected.length < 16 || 128 * 2 ** ln * r > MAX_MEMORY || p > 16) {
      return undefined;
    }
    const derive = (password: Buffer): Promise<Buffer> =>
      scryptOf(password, salted, expected.length, { N: 2 ** ln, r, p });
    return { verify: async (password) => timingSafeEqual(await derive(password), expected) };
  }
  const iterations = Number(cost);
  if (kind === '7' && Number.isInteger(iterations) && iterations > 0 && iterations <= 10_000_000) {
    if (expected.length !== 64) {
      return undefined;
    }
    return {
      verify: async (password) => timingSafeEqual(await pbkdf2Of(password, salted, iterations, 64), expected),
    };
  }
  return undefined;
}

/** `$6$<salt>$<hash>`: one round over the password and the salt. Anyone who has the file finds weak passwords fast. */
function parseSha512(text: string): PasswordHash | undefined {
  const [, , salt, hash = '', ...rest] = text.split('$');
  const expected = Buffer.from(hash, 'base64');
  const salted = Buffer.from(salt, 'base64');
  if (rest.length > 0 || salted.length === 0 || expected.length !== 64) {
    return undefined;
  }
  return {
    verify: async (password) =>
      timingSafeEqual(createHash('sha512').update(password).update(salted).digest(), expected),
  };
}

function scryptOf(password: Buffer, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Node's own default of maxmem is 32 MiB, just too little
    scrypt(password, salt, length, { ...options, maxmem: 2 * MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key)
    );
  });
}

function pbkdf2Of(password: Buffer, salt: Buffer, iterations: number, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, length, 'sha512', (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
