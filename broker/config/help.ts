import { BROKER_COMMAND } from '../commands';
import { flagOf, SETTINGS, variableOf, type Setting } from './settings';

/** Column of the descriptions. */
const COLUMN = 24;
/** Maximum columns of a line. */
const WIDTH = 100;

/** Text of `npm run broker -- --help`. */
export const USAGE = `Usage: ${BROKER_COMMAND} [options]
       ${BROKER_COMMAND} passwd FILE USER [--role NAME]... [--delete]

Starts an MQTT 3.1.1 broker. passwd sets a user's password, which it asks for or reads from
standard input.

${SETTINGS.filter(({ path, secret }) => !path.startsWith('limits.') && !secret)
  .map(settingHelp)
  .join('\n')}
${helpEntry('--config FILE', 'YAML or JSON file with the same settings; flags and variables override it')}
${helpEntry('--help', 'print this text')}

Limits:
${SETTINGS.filter(({ path }) => path.startsWith('limits.'))
  .map(settingHelp)
  .join('\n')}

Each setting is also an environment variable: ${variableOf({ path: 'log.level' })} for --log-level, and so
on. MQTT_BROKER_LISTENERS takes several URLs, separated by commas. Secrets are not accepted on the
command line: use ${variableOf({ path: 'jwt.secret' })}, or jwt.secret in the file.

The broker reads users, rules, keys and certificates again when their files change, and on SIGHUP.
SIGTERM saves and stops.

Examples:
  ${BROKER_COMMAND} --sensors home,factory
  ${BROKER_COMMAND} --data store --history 'home/#'
  ${BROKER_COMMAND} passwd users device
  ${BROKER_COMMAND} --host 0.0.0.0 --users users --acl acl
`;

/** A setting as an entry of the help, with its default. */
export function settingHelp(setting: Setting): string {
  const flag = `--${flagOf(setting)}${setting.value ? ` ${setting.value}` : ''}`;
  const { default: defaultValue } = setting;
  const shown =
    defaultValue === undefined || typeof defaultValue === 'boolean'
      ? ''
      : ` (default ${Array.isArray(defaultValue) ? 'none' : JSON.stringify(defaultValue).replaceAll('"', '')})`;
  return helpEntry(flag, setting.help + shown);
}

/** A flag and its description, wrapped and indented. */
export function helpEntry(flag: string, help: string): string {
  const head = `  ${flag}`;
  const lines: string[] = [];
  let line = '';
  for (const word of help.split(' ')) {
    if (line !== '' && COLUMN + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  const indent = ' '.repeat(COLUMN);
  const first = head.length < COLUMN ? head.padEnd(COLUMN) + (lines.shift() ?? '') : head;
  return [first, ...lines.map((each) => indent + each)].join('\n');
}
