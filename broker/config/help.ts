import { flagOf, SETTINGS, variableOf, type Setting } from './settings';

const COLUMN = 24;
const WIDTH = 110;

/** What `--help` prints. */
export const USAGE = `Usage: npm run broker -- [options]
       npm run broker -- passwd FILE USER [--role NAME]... [--delete]

Starts an MQTT 3.1.1 broker on this machine. passwd sets a user's password, which it asks for or reads from
standard input.

${SETTINGS.filter(({ path, secret }) => !path.startsWith('limits.') && !secret)
  .map(settingHelp)
  .join('\n')}
${helpEntry('--config FILE', 'a YAML or JSON file with the same settings; flags and variables stand above it')}
${helpEntry('--help', 'this text')}

Limits:
${SETTINGS.filter(({ path }) => path.startsWith('limits.'))
  .map(settingHelp)
  .join('\n')}

Each is also an environment variable: --log-level is ${variableOf({ path: 'log.level' })}, and so on; MQTT_BROKER_LISTENERS
takes several with commas. Secrets are not taken from the command line: ${variableOf({ path: 'jwt.secret' })}, or jwt.secret in
the file.

SIGHUP reads users, rules, keys and certificates again, as does a change of their files. SIGTERM saves and stops.
`;

/** A setting as a line of the help, with its default. */
export function settingHelp(setting: Setting): string {
  const flag = `--${flagOf(setting)}${setting.value ? ` ${setting.value}` : ''}`;
  const { default: usual } = setting;
  const shown =
    usual === undefined || typeof usual === 'boolean'
      ? ''
      : ` (default ${Array.isArray(usual) ? 'none' : JSON.stringify(usual).replaceAll('"', '')})`;
  return helpEntry(flag, setting.help + shown);
}

/** A flag and what it is for, wrapped and indented. */
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
