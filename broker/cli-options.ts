import { parseArgs } from 'node:util';
import { SENSOR_SETS, type SensorSet } from './sensors';

/** What the command line asks for. */
export interface Command {
  tcpPort: number;
  wsPort: number;
  host: string;
  allowRemote: boolean;
  sensors: SensorSet[];
  seed: number;
  help: boolean;
}

/** A command line that cannot be carried out; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `Usage: npm run broker -- [options]

Starts an MQTT 3.1.1 broker over TCP and WebSockets on this machine.

  --tcp-port N       TCP port (default 1883; 0: any free one)
  --ws-port N        WebSocket port (default 9001; 0: any free one)
                     A port that is taken gives the next free one, and the broker says so.
  --host H           address to listen on (default 127.0.0.1)
  --allow-remote     allow a host that other machines reach; whoever reaches it may read and publish everything
  --sensors LIST     demo sensors: ${SENSOR_SETS.join(', ')}, several with commas, or none (default none)
  --seed N           another seed gives the demo sensors another day (default 1)
  --help             this text
`;

const OPTIONS = {
  'tcp-port': { type: 'string', default: '1883' },
  'ws-port': { type: 'string', default: '9001' },
  host: { type: 'string', default: '127.0.0.1' },
  'allow-remote': { type: 'boolean', default: false },
  sensors: { type: 'string', default: 'none' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Reads the command line, without the program's own name.
 *
 * @throws UsageError saying what was expected and what came
 */
export function parseCommand(args: string[]): Command {
  const values = parse(args);
  return {
    tcpPort: wholeNumber('--tcp-port', values['tcp-port'], 65_535),
    wsPort: wholeNumber('--ws-port', values['ws-port'], 65_535),
    host: values.host,
    allowRemote: values['allow-remote'],
    sensors: sensorSets(values.sensors),
    seed: wholeNumber('--seed', values.seed, 2 ** 31 - 1),
    help: values.help,
  };
}

function parse(args: string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'] {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    // Node's own words name the option; their second sentence is about its parser.
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(message, { cause: error });
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) {
    throw new UsageError(`Expected ${option} to be a whole number from 0 to ${max}, got "${text}"`);
  }
  return value;
}

function sensorSets(text: string): SensorSet[] {
  if (text === 'none') {
    return [];
  }
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !SENSOR_SETS.some((set) => set === name));
  if (unknown !== undefined) {
    throw new UsageError(`Expected --sensors to be none or some of ${SENSOR_SETS.join(', ')}, got "${unknown}"`);
  }
  return SENSOR_SETS.filter((set) => asked.includes(set));
}
