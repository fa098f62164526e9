import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findProgram, freePort } from '../testing/programs';

/** The path of nginx; undefined if it is not installed. @throws {Error} in that case with `REQUIRE_NGINX=1`. */
export function nginxPath(): string | undefined {
  const found = findProgram('NGINX_PATH');
  if (found === undefined && process.env['REQUIRE_NGINX'] === '1') {
    throw new Error('No nginx found, and REQUIRE_NGINX=1. Install it, or set NGINX_PATH.');
  }
  return found;
}

export interface Nginx extends AsyncDisposable {
  readonly host: string;
}

/**
 * Starts nginx on a free loopback port, as the current user and with a folder of its own.
 *
 * @param locations the `location` blocks of its server.
 */
export async function startNginx(program: string, locations: string): Promise<Nginx> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mqttstream-nginx-'));
  const port = await freePort();
  const config = path.join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`
  );
  await writeFile(
    config,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr crit;
     events {}
     http { access_log off; ${temporary.join(' ')}
       map $http_upgrade $connection_upgrade { default upgrade; '' close; }
       server { listen 127.0.0.1:${port}; ${locations} } }`
  );
  const child = spawn(program, ['-p', folder, '-c', config, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'exit');
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  const stop = async (): Promise<void> => {
    process.off('exit', killed);
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let i = 0; i < 500 && child.exitCode === null; i++) {
    if (await answers(port)) {
      return { host: `127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
    }
    await sleep(20);
  }
  await stop();
  throw new Error(`nginx does not answer on port ${port}: ${errors}`);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const up = await once(socket, 'connect').then(
    () => true,
    () => false
  );
  socket.destroy();
  return up;
}
