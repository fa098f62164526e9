/** A mosquitto of a test's own: on a free port, in memory, gone afterwards. */
import { spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort } from '../../.ci/programs';
import { until } from '../test-helpers';

/** The path of mosquitto; undefined where this machine has none and `REQUIRE_MOSQUITTO` does not ask for it. */
export function findMosquitto(): string | undefined {
  const program = findProgram('MOSQUITTO_PATH');
  if (program === undefined && process.env['REQUIRE_MOSQUITTO'] === '1') {
    throw new Error('REQUIRE_MOSQUITTO is set, and there is no mosquitto on this machine');
  }
  return program;
}

/** @param users names and passwords, with the lines of an ACL file; without them anybody may do everything */
export async function startMosquitto(
  program: string,
  users?: Readonly<Record<string, string>>,
  acl = ''
): Promise<{ url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'history-mosquitto-'));
  const port = await freePort();
  const access = users ? ['allow_anonymous false', `password_file ${folder}/users`, `acl_file ${folder}/acl`] : [];
  const asRoot = process.getuid?.() === 0 ? ['user root'] : [];
  const conf = [...asRoot, `listener ${port} 127.0.0.1`, ...(users ? access : ['allow_anonymous true']), ''];
  await writeFile(join(folder, 'mosquitto.conf'), conf.join('\n'));
  await writeFile(
    join(folder, 'users'),
    Object.entries(users ?? {})
      .map(passwordLine)
      .join(''),
    { mode: 0o600 }
  );
  await writeFile(join(folder, 'acl'), `${acl}\n`, { mode: 0o600 });
  const child = spawn(program, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  let isUp = false;
  const probe = setInterval(() => {
    const socket = connectSocket(port, '127.0.0.1', () => {
      isUp = true;
      socket.destroy();
    });
    socket.on('error', () => {});
  }, 20);
  await until('mosquitto', () => isUp || child.exitCode !== null).finally(() => clearInterval(probe));
  return {
    url: `mqtt://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true });
    },
  };
}

/** As mosquitto_passwd writes them: PBKDF2 with SHA-512, 101 rounds. */
function passwordLine([name, password]: [string, string]): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${name}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}
