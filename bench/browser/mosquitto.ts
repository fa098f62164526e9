import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../find-program';
import { track } from '../processes';
import type { Endpoints } from './endpoints';

const START_MS = 5_000;

export function findMosquitto(): Promise<string | undefined> {
  return findProgram(['mosquitto']);
}

/** Starts mosquitto on free ports of the loopback interface, with a configuration of its own. */
export async function startMosquitto(program: string): Promise<Endpoints & AsyncDisposable> {
  const [tcpPort, wsPort] = [await freePort(), await freePort()];
  const folder = await mkdtemp(join(tmpdir(), 'bench-mosquitto-'));
  const config = join(folder, 'mosquitto.conf');
  await writeFile(
    config,
    [
      'allow_anonymous true',
      'persistence false',
      'log_type error',
      // What is sent as fast as it can be waits for whoever is measured.
      'max_queued_messages 0',
      `listener ${tcpPort} 127.0.0.1`,
      `listener ${wsPort} 127.0.0.1`,
      'protocol websockets',
      '',
    ].join('\n')
  );
  const child = spawn(program, ['-c', config], { stdio: 'ignore' });
  track(child);
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([tcpPort, wsPort].map(answered));
  } catch (error) {
    await end();
    throw error;
  }
  return { url: `ws://127.0.0.1:${wsPort}/mqtt`, tcpPort, [Symbol.asyncDispose]: end };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answered(port: number): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      // oxlint-disable-next-line no-await-in-loop -- until it listens
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      // oxlint-disable-next-line no-await-in-loop -- a pause between attempts
      await sleep(20);
    } finally {
      socket.destroy();
    }
  }
}
