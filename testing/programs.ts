import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
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

/** A free port of the loopback interface, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
