import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram, freePort } from './programs';

/** Path of mosquitto; undefined if it is not installed. With `REQUIRE_MOSQUITTO=1` it must be. */
export function mosquittoPath(): string | undefined {
  const path = findProgram('MOSQUITTO_PATH');
  if (path === undefined && process.env['REQUIRE_MOSQUITTO'] === '1') {
    throw new Error('No mosquitto found, and REQUIRE_MOSQUITTO=1. Install it, or say where it is with MOSQUITTO_PATH.');
  }
  return path;
}

export interface MosquittoOptions {
  /** Passwords by user name. Default: all clients may connect. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of the ACL file. */
  readonly acl?: string;
  /** Whether sessions and retained messages survive a restart. */
  readonly persistence?: boolean;
  /** Whether the WebSocket listener has TLS, with a certificate for `localhost` by a private CA. */
  readonly tls?: boolean;
  /**
   * Further lines of the configuration; listener options apply to the WebSocket listener. The log must have its notices: by
   * one of them it is known that mosquitto runs.
   */
  readonly extra?: string;
}

export interface Mosquitto extends AsyncDisposable {
  readonly tcpPort: number;
  readonly wsPort: number;
  readonly wsUrl: string;
  /** The certificate of the private CA, with `tls`. */
  readonly ca: Buffer | undefined;
  /** Stops mosquitto; with `SIGKILL` it neither disconnects its clients nor saves its state. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts mosquitto again on the same ports, with its saved state. */
  start(): Promise<void>;
  /** Replaces the users; connected clients stay connected. */
  setUsers(users: Readonly<Record<string, string>>): Promise<void>;
}

/** Maximum time for the start, including retries for an occupied port, in milliseconds. */
const START_MS = 15_000;

/** Starts mosquitto on free loopback ports, TCP and WebSocket. */
export async function startMosquitto(path: string, options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'mqttstream-mosquitto-'));
  const [tcpPort, wsPort] = [await freePort(), await freePort()];
  const ca = options.tls === true ? await makeCertificates(folder) : undefined;
  await writeFile(join(folder, 'mosquitto.conf'), configuration(folder, tcpPort, wsPort, options));
  await writeUsers(folder, options.users ?? {});
  await writeFile(join(folder, 'acl'), options.acl ?? '', { mode: 0o600 });

  let child: ChildProcess | undefined;
  // Mosquitto ends with this process
  const killed = (): void => void child?.kill('SIGKILL');
  process.once('exit', killed);
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    const running = child;
    child = undefined;
    if (running !== undefined && isUp(running)) {
      const ended = once(running, 'exit');
      running.kill(signal);
      await ended;
    }
  };
  const start = async (): Promise<void> => {
    const deadline = Date.now() + START_MS;
    let up = false;
    while (!up) {
      const started = spawn(path, ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
      child = started;
      const failed = once(started, 'spawn').then(
        () => undefined,
        (error: Error) => error
      );
      // Not a connection to its ports, which another program would answer if it had one of them: mosquitto exits then
      const log = await logUntil(started.stderr, /mosquitto version \S+ running/, deadline);
      up = log.isThere && isUp(started);
      if (!up && (Date.now() >= deadline || !/address already in use/i.test(log.text))) {
        const reason = (await failed)?.message ?? log.text;
        throw new Error(`mosquitto does not run on its ports ${tcpPort} and ${wsPort}: ${reason}`);
      }
      await sleep(up ? 0 : 50);
    }
  };
  const dispose = async (): Promise<void> => {
    process.off('exit', killed);
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    tcpPort,
    wsPort,
    wsUrl: options.tls === true ? `wss://localhost:${wsPort}/` : `ws://127.0.0.1:${wsPort}/`,
    ca,
    stop,
    start,
    setUsers: async (users) => {
      await writeUsers(folder, users);
      child?.kill('SIGHUP');
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function configuration(folder: string, tcpPort: number, wsPort: number, options: MosquittoOptions): string {
  const tls = options.tls === true ? `certfile ${folder}/server.crt\nkeyfile ${folder}/server.key\n` : '';
  return [
    // As root, mosquitto would switch to a user who cannot read these files
    process.getuid?.() === 0 ? 'user root' : '',
    options.users === undefined ? 'allow_anonymous true' : `allow_anonymous false\npassword_file ${folder}/users`,
    options.acl === undefined ? '' : `acl_file ${folder}/acl`,
    options.persistence === true ? `persistence true\npersistence_location ${folder}/` : 'persistence false',
    `listener ${tcpPort} 127.0.0.1`,
    `listener ${wsPort} 127.0.0.1\nprotocol websockets\n${tls}`,
    options.extra ?? '',
    '',
  ].join('\n');
}

/** Password hashes of mosquitto_passwd: PBKDF2 with SHA-512, 101 iterations. */
async function writeUsers(folder: string, users: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(users).map(([name, password]) => {
    const salt = randomBytes(12);
    const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
    return `${name}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
  });
  await writeFile(join(folder, 'users'), lines.join(''), { mode: 0o600 });
}

/** Creates a CA, and a certificate for `localhost`. @returns the CA's certificate. */
async function makeCertificates(folder: string): Promise<Buffer> {
  const openssl = async (...args: string[]): Promise<void> => {
    await promisify(execFile)('openssl', args, { cwd: folder });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Private CA', '-days', '2');
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  await openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.crt', ...signed);
  return readFile(join(folder, 'ca.crt'));
}

function isUp({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Reads a log until a line is there, the log ends or the time is over; what comes later is read and dropped. */
async function logUntil(log: Readable, line: RegExp, deadline: number): Promise<{ isThere: boolean; text: string }> {
  let text = '';
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, deadline - Date.now()));
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    log.once('close', done);
    log.on('data', (chunk: Buffer) => {
      if (!line.test(text)) {
        text += chunk.toString();
        if (line.test(text)) {
          done();
        }
      }
    });
  });
  return { isThere: line.test(text), text };
}
