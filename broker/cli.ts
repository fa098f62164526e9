/**
 * `npm run broker`: the broker as a command. Exit codes: 0 after SIGINT, SIGTERM or `--help`; 1 when it cannot start;
 * 2 for a command line that makes no sense; 130 when a second signal forces it.
 */
import { startBroker } from './broker';
import { parseCommand, USAGE, UsageError, type Command } from './cli-options';
import { startedText } from './cli-text';
import { BrokerError } from './ports';
import { startSensors } from './sensors';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_FORCED = 130;

async function main(args: string[]): Promise<void> {
  const command = parseCommand(args);
  if (command.help) {
    process.stdout.write(USAGE);
    return;
  }
  await run(command);
}

async function run({ tcpPort, wsPort, host, allowRemote, sensors, seed }: Command): Promise<void> {
  const broker = await startBroker({
    tcp: { host, port: tcpPort },
    ws: { host, port: wsPort },
    portTaken: 'next',
    allowRemote,
    onClientError: (error, { clientId, listener, remoteAddress }) => {
      const who = [clientId, listener, remoteAddress].filter(Boolean).join(', ') || 'broker';
      process.stderr.write(`${new Date().toISOString()} ${error.message} (${who})\n`);
    },
  });
  const demo = sensors.length > 0 ? startSensors(broker.publish, { sets: sensors, seed }) : undefined;
  let stopping = false;
  const stop = (): void => {
    if (stopping) {
      process.exit(EXIT_FORCED);
    }
    stopping = true;
    demo?.stop();
    // Nothing keeps the process alive afterwards; a signal that comes meanwhile forces it.
    void broker.close();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stdout.write(startedText(broker, demo?.topics ?? []));
}

function fail(error: unknown): void {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nTry: npm run broker -- --help\n`);
    process.exitCode = EXIT_USAGE;
  } else if (error instanceof BrokerError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_FAILED;
  } else {
    throw error;
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
