import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/utils/errors';
import { hashPassword } from '../auth/password';
import { nameFault, withUser } from '../auth/users';
import { describeFileError } from '../errors';
import { UsageError } from '../config/load';
import { replaceFile } from '../replace-file';

const USAGE = 'Expected: passwd FILE USER [--role NAME]... [--delete]';
/** Maximum length of a password, in bytes. */
const MAX_PASSWORD_BYTES = 1_024;

/**
 * `passwd FILE USER`: sets the password of a user in a users file. It asks for the password on a terminal, and reads it
 * from standard input otherwise. The command line takes no password, because other users of the machine can read it.
 *
 * @throws UsageError for an invalid command line or password
 */
export async function passwd(args: string[]): Promise<void> {
  const { file, user, roles, remove } = parsePasswd(args);
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !remove) {
      return '';
    }
    throw new UsageError(describeFileError(file, error));
  });
  const hash = remove ? undefined : await hashPassword(await askPassword(user));
  const after = withUser(before, user, hash, roles);
  if (remove && after === before) {
    throw new UsageError(`${file} has no user ${user}`);
  }
  // A running broker may read the file at any time
  await replaceFile(file, after, 0o600);
  process.stdout.write(`User ${user} ${remove ? 'removed from' : 'written to'} ${file}\n`);
}

interface PasswdArguments {
  file: string;
  user: string;
  /** Undefined leaves the user's roles as they are. */
  roles: string[] | undefined;
  remove: boolean;
}

/** @throws UsageError */
export function parsePasswd(args: string[]): PasswdArguments {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: { role: { type: 'string', multiple: true }, delete: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(messageOf(error).split('. ')[0]);
  }
  const { positionals, values } = parsed;
  const [file, user, ...rest] = positionals;
  if (!file || !user || rest.length > 0) {
    throw new UsageError(rest.length > 0 ? `${USAGE}; passwd asks for the password` : USAGE);
  }
  const fault =
    nameFault(user) ??
    (values.role?.some((role) => !/^[\w-]+$/.test(role)) ? 'Expected a role of letters, digits, _ and -' : undefined);
  if (fault) {
    throw new UsageError(fault);
  }
  return { file, user, roles: values.role, remove: values.delete };
}

async function askPassword(user: string): Promise<string> {
  const password = process.stdin.isTTY ? await askTwice(user) : await firstLine();
  const length = Buffer.byteLength(password);
  if (length === 0 || length > MAX_PASSWORD_BYTES) {
    throw new UsageError(`Expected a password of 1 to ${MAX_PASSWORD_BYTES} bytes, got ${length}`);
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
    throw new UsageError('The two passwords differ');
  }
  return first;
}

/** Asks without echoing the input. */
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
      reject(new UsageError('Cancelled; nothing was changed'));
    });
    // From here on readline would print only the input
    // oxlint-disable-next-line no-underscore-dangle -- readline has no other way
    (lines as unknown as { _writeToOutput(text: string): void })._writeToOutput = () => {};
  });
}
