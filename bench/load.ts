// `npm run load`: puts a load on any broker, and prints deliveries, losses and latency.
import { parseArgs } from 'node:util';
import { messageOf } from '../src/utils/errors';
import { runLoad, type LoadOptions, type LoadResult } from './broker/load';

const USAGE = `Usage: npm run load -- --url URL [options]

Publishes to a broker, subscribes to it, and prints deliveries, losses and latency.

  --url URL          mqtt://, mqtts://, ws:// or wss:// (certificates are not checked)
  --subscribers N    each receives every message (default 10)
  --publishers N     (default 1)
  --rate N           messages per second of all publishers (default 1000); max: as fast as possible
  --seconds N        duration (default 10)
  --qos 0|1          (default 0)
  --size N           bytes of a payload, at least 16 (default 50)
  --username U, --password P
  --json             print the result as JSON
`;

function parse(args: string[]): { options: LoadOptions; json: boolean } | undefined {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      subscribers: { type: 'string', default: '10' },
      publishers: { type: 'string', default: '1' },
      rate: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '10' },
      qos: { type: 'string', default: '0' },
      size: { type: 'string', default: '50' },
      username: { type: 'string' },
      password: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.url === undefined) {
    return undefined;
  }
  const whole = (name: 'subscribers' | 'publishers' | 'seconds' | 'size', min: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < min) {
      throw new TypeError(`Expected --${name} to be a whole number of ${min} or more, got "${values[name]}"`);
    }
    return value;
  };
  const rate = values.rate === 'max' ? undefined : Number(values.rate);
  if (rate !== undefined && !(rate > 0)) {
    throw new TypeError(`Expected --rate to be a number above 0, or max, got "${values.rate}"`);
  }
  if (values.qos !== '0' && values.qos !== '1') {
    throw new TypeError(`Expected --qos to be 0 or 1, got "${values.qos}"`);
  }
  return {
    json: values.json,
    options: {
      url: values.url,
      subscribers: whole('subscribers', 1),
      publishers: whole('publishers', 1),
      seconds: whole('seconds', 1),
      size: whole('size', 16),
      rate,
      qos: values.qos === '1' ? 1 : 0,
      username: values.username,
      password: values.password,
    },
  };
}

function inWords({ published, received, lost, duplicates, seconds, dropped, worstGap, ...rest }: LoadResult): string {
  const { p50, p95, p99, max } = rest.latency;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return [
    `published   ${published} in ${seconds.toFixed(1)} s`,
    `received    ${received}, ${Math.round(rest.receivedPerSecond)}/s`,
    `lost        ${lost}`,
    `duplicates  ${duplicates}`,
    `latency     p50 ${ms(p50)}, p95 ${ms(p95)}, p99 ${ms(p99)}, max ${ms(max)}`,
    `worst gap   ${ms(worstGap)}`,
    `dropped     ${dropped} subscribers`,
    '',
  ].join('\n');
}

try {
  const parsed = parse(process.argv.slice(2));
  if (parsed) {
    const result = await runLoad(parsed.options);
    process.stdout.write(parsed.json ? `${JSON.stringify(result)}\n` : inWords(result));
    process.exitCode = result.lost > 0 ? 1 : 0;
  } else {
    process.stdout.write(USAGE);
  }
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
