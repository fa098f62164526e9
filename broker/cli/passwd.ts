import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { hashPassword } from '../auth/password';
import { nameFault, withUser } from '../auth/users';
import { UsageError } from '../config/load';

const USAGE = 'Expected: passwd FILE USER [--role NAME]... [--delete]';
/** Longest password, in bytes. */
const MAX_PASSWORD = 1_024;

/**
 * `passwd FILE USER`: sets the password of a user, which is asked for on a terminal and else read from standard input;
 * never from the command line, which other users of the machine can read.
 *
 * @throws UsageError for a command line that makes no sense, or a password that cannot be one
 */
export async function passwd(args: string[]): Promise<void> {
  const { file, user, roles, remove } = parsePasswd(args);
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !remove) {
      return '';
    }
    throw new UsageError(`${file}: ${error.message}`);
  });
  const hash = remove ? undefined : await hashPassword(await askPassword(user));
  const after = withUser(before, user, hash, roles);
  if (remove && after === before) {
    throw new UsageError(`${file} has no user ${user}`);
  }
  // Whole or not at all: a running broker may read it at any time
  const next = `${file}.new`;
  await writeFile(next, after, { mode: 0o600 });
  await chmod(next, 0o600);
  await rename(next, file);
  process.stdout.write(`User ${user} ${remove ? 'removed from' : 'written to'} ${file}\n`);
}

interface Task {
  file: string;
  user: string;
  /** Undefined: those that the user has. */
  roles: string[] | undefined;
  remove: boolean;
}

/** @throws UsageError */
export function parsePasswd(args: string[]): Task {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: { role: { type: 'string', multiple: true }, delete: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0] : String(error));
  }
  const { positionals, values } = parsed;
  const [file, user, ...rest] = positionals;
  if (!file || !user || rest.length > 0) {
    throw new UsageError(rest.length > 0 ? `${USAGE}; the password is asked for` : USAGE);
  }
  const fault =
    nameFault(user) ?? (values.role?.some((role) => !/^[\w-]+$/.test(role)) ? 'A role is one word' : undefined);
  if (fault) {
    throw new UsageError(fault);
  }
  return { file, user, roles: values.role, remove: values.delete };
}

async function askPassword(user: string): Promise<string> {
  const password = process.stdin.isTTY ? await askTwice(user) : await firstLine();
  const length = Buffer.byteLength(password);
  if (length === 0 || length > MAX_PASSWORD) {
    throw new UsageError(`Expected a password of 1 to ${MAX_PASSWORD} bytes, got ${length}`);
  }
  return password;
}

async function firstLine(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString().split(/\r?\n/, 1)[0];
}

async function askTwice(user: string): Promise<string> {
  const first = await askHidden(`Password for ${user}: `);
  if (first !== (await askHidden('Again: '))) {
    throw new UsageError('The two are not the same');
  }
  return first;
}

/** Asks without showing what is typed. */
function askHidden(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  return new Promise((resolve, reject) => {
    lines.question(question, (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
    lines.once('SIGINT', () => {
      lines.close();
      reject(new UsageError('Nothing was changed'));
    });
    // What readline would print from here on is what is typed
    // oxlint-disable-next-line no-underscore-dangle -- readline has no other way
    (lines as unknown as { _writeToOutput(text: string): void })._writeToOutput = () => {};
  });
}
