import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StandaloneOptions } from '../history/standalone';
import { ConfigError, string, refine } from './check';
import { helpEntry, settingHelp } from './help';
import { loadSettings } from './load';
import { SETTINGS, variableOf, type Config, type Setting } from './settings';

/** What the historian's environment variables begin with. */
const VARIABLES = 'MQTT_HISTORIAN_';

/** Settings that are the broker's too. */
const SHARED = SETTINGS.filter(({ path }) => path.startsWith('history.') || path.startsWith('log.'));

const OWN: readonly Setting[] = [
  {
    path: 'url',
    value: 'URL',
    check: refine(string('a URL such as mqtt://127.0.0.1:1883'), validateUrl),
    help: 'the broker: mqtt://, mqtts://, ws:// or wss://',
  },
  { path: 'username', value: 'U', check: string('a user'), help: 'user of that broker' },
  { path: 'password', check: string('a password'), secret: true, help: 'its password' },
  {
    path: 'clientId',
    value: 'ID',
    check: string('a client id'),
    default: 'historian',
    help: 'client id; a broker lets in one of the same id at a time',
  },
  {
    path: 'ca',
    value: 'FILE',
    check: string('the path of a file'),
    isPath: true,
    help: 'PEM file of the authority that signed its certificate',
  },
  {
    path: 'data',
    value: 'DIR',
    check: string('the path of a folder'),
    isPath: true,
    help: 'keep history there, over a restart; default: in memory',
  },
];

const ALL = [...OWN, ...SHARED];

/** What `npm run historian -- --help` prints. */
export const HISTORIAN_USAGE = `Usage: npm run historian -- --url URL --history FILTER [options]

Keeps history beside any MQTT broker, as a client of it, and answers as npm run broker -- --history does.

${ALL.filter(({ secret }) => !secret)
  .map(settingHelp)
  .join('\n')}
${helpEntry('--config FILE', 'a YAML or JSON file with the same settings; flags and variables stand above it')}
${helpEntry('--help', 'this text')}

Each is also an environment variable: --url is ${variableOf({ path: 'url' }, VARIABLES)}, and so on. The password is not taken from
the command line: ${variableOf({ path: 'password' }, VARIABLES)}, or password in the file.
`;

export interface HistorianConfig {
  historian: StandaloneOptions;
  log: Config['log'];
}

/**
 * The historian's configuration, from flags, variables and a file.
 *
 * @throws ConfigError naming the place, UsageError for a command line that makes no sense
 */
export async function loadHistorian(
  args: string[],
  env: Readonly<Record<string, string | undefined>>
): Promise<HistorianConfig> {
  const { config } = await loadSettings(args, env, ALL, VARIABLES);
  const { url, ca, data, history, log, ...login } = config as Partial<Omit<StandaloneOptions, 'ca' | 'history'>> & {
    ca?: string;
  } & Pick<Config, 'history' | 'log' | 'data'>;
  if (url === undefined) {
    throw new ConfigError('--url', 'Expected the URL of the broker, such as mqtt://127.0.0.1:1883, got nothing');
  }
  const { filters = [], ...limits } = history;
  if (filters.length === 0) {
    throw new ConfigError('--history', 'Expected a filter of what is to be kept, such as home/#, got nothing');
  }
  return {
    historian: {
      ...login,
      url,
      ...(ca !== undefined && { ca: await readCertificate(ca) }),
      history: { ...limits, filters, ...(data !== undefined && { directory: join(data, 'history') }) },
    },
    log,
  };
}

async function readCertificate(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ConfigError('--ca', error instanceof Error ? error.message : String(error));
  }
}

function validateUrl(url: string): string | undefined {
  if (!/^(mqtts?|wss?):\/\/[^/]/.test(url) || !URL.canParse(url)) {
    return `${JSON.stringify(url.slice(0, 80))} does not begin with mqtt://, mqtts://, ws:// or wss:// and a host`;
  }
  const { username, password } = new URL(url);
  // Without the URL: it would be in the log
  return username === '' && password === ''
    ? undefined
    : `this one holds credentials, which others can see: use --username and ${variableOf({ path: 'password' }, VARIABLES)}`;
}
