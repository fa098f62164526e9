import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, resolve } from 'node:path';

/** Programs that some tests need, by the environment variable for their path. */
const PROGRAMS = {
  INFLUXDB_PATH: ['influxd'],
  CHROMIUM_PATH: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  FIREFOX_PATH: ['firefox-esr', 'firefox'],
  MOSQUITTO_PATH: ['mosquitto'],
  NGINX_PATH: ['nginx'],
  // In Debian, the command of this name in PATH is a wrapper that changes the user.
  RABBITMQ_PATH: ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server'],
  REDIS_PATH: ['redis-server'],
  WEBKIT_DRIVER_PATH: ['WebKitWebDriver'],
  XVFB_PATH: ['Xvfb'],
} as const;

/** Folders of daemons in Debian, which may be missing in PATH. */
const ALSO = ['/usr/bin', '/usr/sbin'];

/** The path of a program; `undefined` if it is not installed. */
export function findProgram(variable: keyof typeof PROGRAMS): string | undefined {
  const chosen = process.env[variable];
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...ALSO];
  const candidates =
    chosen !== undefined && chosen !== ''
      ? [chosen]
      : PROGRAMS[variable].flatMap((name) => folders.map((folder) => resolve(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Below the ports that systems give to outgoing connections and to servers that ask for any port (Linux: from 32768). */
const PORTS = { from: 15_000, to: 32_768 } as const;
const given = new Set<number>();

/**
 * A free port of the loopback interface, for a program that cannot choose one itself, each time another. It stays free
 * until the program has it, and while the program restarts: only another process that calls this may choose it, one time in
 * thousands.
 *
 * @throws {Error} if the system gives no port for another reason than that it is taken.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      return false;
    }
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
