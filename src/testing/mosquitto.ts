import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../../.ci/programs';

/** Where mosquitto is, if this machine has it; with `REQUIRE_MOSQUITTO=1` it must. */
export function mosquittoPath(): string | undefined {
  const path = findProgram('MOSQUITTO_PATH');
  if (path === undefined && process.env['REQUIRE_MOSQUITTO'] === '1') {
    throw new Error('No mosquitto found, and REQUIRE_MOSQUITTO=1. Install it, or say where it is with MOSQUITTO_PATH.');
  }
  return path;
}

export interface Mosquitto extends AsyncDisposable {
  readonly tcpPort: number;
  readonly wsUrl: string;
}

/** Starts mosquitto on free loopback ports, TCP and WebSocket, open to anybody. */
export async function startMosquitto(path: string, extra = ''): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'mqttstream-mosquitto-'));
  const [tcpPort, wsPort] = [await freePort(), await freePort()];
  const config = join(folder, 'mosquitto.conf');
  await writeFile(
    config,
    `listener ${tcpPort} 127.0.0.1\nlistener ${wsPort} 127.0.0.1\nprotocol websockets\nallow_anonymous true\npersistence false\n${extra}\n`
  );
  const child = spawn(path, ['-c', config], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  // However this process ends, the broker ends with it.
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  const stop = async (): Promise<void> => {
    process.off('exit', killed);
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([tcpPort, wsPort].map(answers));
  } catch (error) {
    await stop();
    throw error;
  }
  return { tcpPort, wsUrl: `ws://127.0.0.1:${wsPort}/`, [Symbol.asyncDispose]: stop };
}

async function answers(port: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const socket = connect(port, '127.0.0.1');
    const up = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (up) {
      return;
    }
    await sleep(20);
  }
  throw new Error(`mosquitto does not answer on port ${port}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
