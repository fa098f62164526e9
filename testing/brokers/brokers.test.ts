import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { shownFault } from './broker-kind';
import { CHECK_NAMES } from './check-names';
import { KINDS } from './kinds';
import { type BrokerResult, runSuite } from './suite';

/**
 * One suite against real brokers, with the engine of the plugin. `npm run brokers` runs it with the brokers in
 * `BROKERS`; without it, the brokers run that CI has.
 */

/** RabbitMQ takes half a minute of two processors, so only CI runs it, and the command. */
const IN_CI = ['embedded', 'mosquitto', ...(process.env['REQUIRE_RABBITMQ'] === '1' ? ['rabbitmq'] : [])];

const env = process.env;
const wanted = env['BROKERS']?.split(' ') ?? IN_CI;
const kinds = KINDS.filter(({ name }) => wanted.includes(name));
const messages = Number(env['BROKERS_MESSAGES'] ?? 5_000);
const atOnce = Number(env['BROKERS_AT_ONCE'] ?? IN_CI.length);
const only = env['BROKERS_ONLY'] === undefined ? undefined : new RegExp(env['BROKERS_ONLY']);
const cache = env['BROKERS_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'mqttstream-brokers');

/** Whether the broker must be there: CI requires its brokers, and the command those that it names. */
const required = (name: string): boolean =>
  env['BROKERS'] !== undefined || env[`REQUIRE_${name.toUpperCase()}`] === '1' || name === 'embedded';

const results = new Map<string, BrokerResult>();

beforeAll(async () => {
  const waiting = [...kinds];
  const next = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
      results.set(kind.name, await runSuite(kind, { cache, messages, only }));
      if (env['BROKERS_RESULT'] !== undefined) {
        await writeFile(env['BROKERS_RESULT'], JSON.stringify([...results.values()], undefined, 2));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}, 3 * 3_600_000);

describe.each(kinds)('$title', ({ name, faults = {}, rareFaults }) => {
  const names = CHECK_NAMES.filter((each) => only?.test(each) !== false);

  test.for(names)('%s', (check, { skip }) => {
    const { version, unavailable, checks } = results.get(name)!;
    skip(version === undefined && !required(name), unavailable);
    const result = checks[check];
    if (result === undefined) {
      throw new Error(unavailable);
    }
    const isFault = !result.passed && shownFault({ faults, rareFaults }, check, result.text) !== undefined;
    expect({ ...result, passed: result.passed || isFault }).toMatchObject({ passed: true });
    // A check that fails because of the broker must go on failing: if not, the sentence in the docs is out of date.
    expect(result.passed ? faults[check]?.what : undefined).toBeUndefined();
  });
});
