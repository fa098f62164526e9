// `npm run brokers -- NAME...`: fetches brokers, starts each on loopback, and runs one suite against each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runInChromium } from './chromium/run';
import { KINDS } from './kinds';
import type { BrokerResult } from './suite';
import { withResults } from './table';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/brokers.md');

const NAMES = KINDS.map(({ name }) => name);

const USAGE = `npm run brokers -- [options] NAME...

Runs one suite with the engine of the plugin against real brokers on loopback.
Brokers: all ${NAMES.join(' ')}
They are fetched from their public registries into $XDG_CACHE_HOME/mqttstream-brokers.

  --messages N   messages for overlapping filters, default 20,000
  --at-once N    brokers that run at the same time, default 1
  --only REGEX   names of checks
  --write        write the table in docs/brokers.md
  --chromium     instead of the suite: two tabs of the workbench in Chromium, with panels on
                 filters that overlap; counts the rows of each number
  --pictures F   a picture of each of these tabs, in the folder F
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      messages: { type: 'string', default: '20000' },
      'at-once': { type: 'string', default: '1' },
      only: { type: 'string' },
      write: { type: 'boolean', default: false },
      chromium: { type: 'boolean', default: false },
      pictures: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const names = positionals.includes('all') ? NAMES : positionals;
  const unknown = names.filter((name) => !NAMES.includes(name));
  if (values.help || names.length === 0 || unknown.length > 0) {
    process.stdout.write(unknown.length > 0 ? `Unknown: ${unknown.join(' ')}\n\n${USAGE}` : USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mqttstream-brokers');
  if (values.chromium) {
    const kinds = KINDS.filter(({ name }) => names.includes(name));
    const { pictures } = values;
    return (await runInChromium(kinds, { cache, pictures, print: (text) => process.stdout.write(text) })) ? 0 : 1;
  }
  const folder = await mkdtemp(join(tmpdir(), 'mqttstream-matrix-'));
  try {
    const file = join(folder, 'results.json');
    const code = await vitest({
      BROKERS: names.join(' '),
      BROKERS_MESSAGES: values.messages,
      BROKERS_AT_ONCE: values['at-once'],
      BROKERS_RESULT: file,
      BROKERS_CACHE: cache,
      ...(values.only === undefined ? undefined : { BROKERS_ONLY: values.only }),
    });
    const results = JSON.parse(await readFile(file, 'utf8')) as BrokerResult[];
    process.stdout.write(summary(results));
    if (values.write) {
      const page = await readFile(PAGE, 'utf8');
      await writeFile(PAGE, withResults(page, results, KINDS, new Date().toISOString().slice(0, 10)));
      await finished(spawn('npx', ['prettier', '--write', PAGE], { cwd: ROOT, stdio: 'inherit' }));
    }
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The suite needs vitest's environment. */
function vitest(env: Readonly<Record<string, string>>): Promise<number> {
  const args = ['vitest', 'run', '--project', 'node', 'testing/brokers/brokers.test.ts'];
  return finished(spawn('npx', args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit' }));
}

async function finished(child: ReturnType<typeof spawn>): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function summary(results: readonly BrokerResult[]): string {
  return results
    .map(({ name, version, unavailable, checks }) => {
      const lines = Object.entries(checks).map(
        ([check, { passed, text, seconds }]) =>
          `  ${passed ? 'yes' : 'NO '} ${check.padEnd(18)} ${seconds.toFixed(1).padStart(5)} s  ${text}\n`
      );
      return `${name} ${version ?? ''}${unavailable === undefined ? '' : `: not available: ${unavailable}`}\n${lines.join('')}`;
    })
    .join('\n');
}

process.exitCode = await main();
