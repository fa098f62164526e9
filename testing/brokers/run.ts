import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Unavailable } from './broker-kind';

/** The longest end of a command's messages, in characters. */
const LAST_BYTES = 2_000;

/**
 * Runs a command that fetches or builds a broker.
 *
 * @returns its standard output
 * @throws {Unavailable} with the end of its messages
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Readonly<Record<string, string>> } = {}
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, {
      cwd,
      env: { ...process.env, ...env },
      maxBuffer: 64 * 2 ** 20,
    });
    return stdout;
  } catch (error) {
    const { stderr, message, code } = error as Error & { stderr?: string; code?: string | number };
    const words = code === 'ENOENT' ? `there is no ${command} on this machine` : (stderr ?? message);
    throw new Unavailable(words.trim().slice(-LAST_BYTES));
  }
}
