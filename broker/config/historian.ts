import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BROKER_COMMAND, HISTORIAN_COMMAND } from '../commands';
import type { StandaloneOptions } from '../history/standalone';
import { ConfigError, refine, string } from './check';
import { describeFileError } from '../errors';
import { helpEntry, settingHelp } from './help';
import { loadSettings } from './load';
import { SETTINGS, variableOf, type Config, type Setting } from './settings';

/** Prefix of the historian's environment variables. */
const VARIABLES = 'MQTT_HISTORIAN_';

/** Settings that the broker has too. */
const SHARED = SETTINGS.filter(({ path }) => path.startsWith('history.') || path.startsWith('log.'));

const OWN: readonly Setting[] = [
  {
    path: 'url',
    value: 'URL',
    check: refine(string('a URL such as mqtt://127.0.0.1:1883'), validateUrl),
    help: 'URL of the broker: mqtt://, mqtts://, ws:// or wss://',
  },
  { path: 'username', value: 'U', check: string('a user'), help: 'user name at the broker' },
  { path: 'password', check: string('a password'), secret: true, help: 'password at the broker' },
  {
    path: 'clientId',
    value: 'ID',
    check: string('a client id'),
    default: 'historian',
    help: 'client id; a broker accepts only one client with the same id',
  },
  {
    path: 'ca',
    value: 'FILE',
    check: string('the path of a file'),
    isPath: true,
    help: "PEM file of the authority that signed the broker's certificate",
  },
  {
    path: 'data',
    value: 'DIR',
    check: string('the path of a folder'),
    isPath: true,
    help: 'folder that stores the history over a restart (default: memory only)',
  },
];

const ALL = [...OWN, ...SHARED];

/** Text of `npm run historian -- --help`. */
export const HISTORIAN_USAGE = `Usage: ${HISTORIAN_COMMAND} --url URL --history FILTER [options]

Records messages of any MQTT broker, as a client of that broker, and answers history requests in
the same way as ${BROKER_COMMAND} --history.

${ALL.filter(({ secret }) => !secret)
  .map(settingHelp)
  .join('\n')}
${helpEntry('--config FILE', 'YAML or JSON file with the same settings; flags and variables override it')}
${helpEntry('--help', 'print this text')}

Each setting is also an environment variable: ${variableOf({ path: 'url' }, VARIABLES)} for --url, and so on. The
password is not accepted on the command line: use ${variableOf({ path: 'password' }, VARIABLES)}, or password in the
file.

Examples:
  ${HISTORIAN_COMMAND} --url mqtt://127.0.0.1:1883 --history 'home/#' --data store
  ${HISTORIAN_COMMAND} --url mqtts://broker.lan --ca ca.pem --username historian --history 'home/#'
`;

export interface HistorianConfig {
  historian: StandaloneOptions;
  log: Config['log'];
}

/**
 * Loads the historian's configuration, from flags, variables and a file.
 *
 * @throws ConfigError for an invalid setting, naming its source
 * @throws UsageError for an invalid command line
 */
export async function loadHistorian(
  args: string[],
  env: Readonly<Record<string, string | undefined>>
): Promise<HistorianConfig> {
  const { config, given } = await loadSettings(args, env, ALL, VARIABLES);
  const { url, ca, data, history, log, ...login } = config as Partial<Omit<StandaloneOptions, 'ca' | 'history'>> & {
    ca?: string;
  } & Pick<Config, 'history' | 'log' | 'data'>;
  if (url === undefined) {
    throw new ConfigError('--url', 'Expected the URL of the broker, such as mqtt://127.0.0.1:1883, got nothing');
  }
  const { filters = [], ...limits } = history;
  if (filters.length === 0) {
    throw new ConfigError('--history', 'Expected a topic filter to record, such as home/#, got nothing');
  }
  return {
    historian: {
      ...login,
      url,
      ...(ca !== undefined && { ca: await readCertificate(ca, given.get('ca')?.source ?? '--ca') }),
      history: { ...limits, filters, ...(data !== undefined && { directory: join(data, 'history') }) },
    },
    log,
  };
}

async function readCertificate(path: string, source: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ConfigError(source, describeFileError(path, error));
  }
}

function validateUrl(url: string): string | undefined {
  if (!/^(mqtts?|wss?):\/\/[^/]/.test(url) || !URL.canParse(url)) {
    return `${JSON.stringify(url.slice(0, 80))} does not begin with mqtt://, mqtts://, ws:// or wss:// and a host`;
  }
  const { username, password } = new URL(url);
  // The message omits the URL, which would put the password into logs
  return username === '' && password === ''
    ? undefined
    : `this one contains credentials, which others can see: use --username and ${variableOf({ path: 'password' }, VARIABLES)}`;
}
