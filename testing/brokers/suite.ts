import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerKind } from './broker-kind';
import { CHECK_NAMES, type CheckName } from './check-names';
import { CHECKS } from './checks';
import { Context, ready } from './context';

export interface CheckResult {
  readonly passed: boolean;
  /** A detail, or how the check failed. */
  readonly text: string;
  readonly seconds: number;
}

export interface BrokerResult {
  readonly name: string;
  /** Absent if the broker cannot be had. */
  readonly version?: string;
  /** Why the broker cannot be had or does not start. */
  readonly unavailable?: string;
  readonly checks: Partial<Record<CheckName, CheckResult>>;
}

/** How long a check may take, in milliseconds, in addition to the time that its messages take. */
const CHECK_MS = 60_000;

/** These run next to the others: they wait for a slow broker most of the time, and disturb nothing. */
const BESIDE: readonly CheckName[] = ['megabyte'];

/** These run when all others are done. */
const LAST: readonly CheckName[] = ['restart'];

export interface SuiteOptions {
  readonly cache: string;
  /** Messages that the check of overlapping filters publishes. */
  readonly messages: number;
  readonly only?: RegExp;
}

/** Fetches and starts a broker, and runs all checks against it. Never rejects. */
export async function runSuite(kind: BrokerKind, { cache, messages, only }: SuiteOptions): Promise<BrokerResult> {
  const folder = await mkdtemp(join(tmpdir(), `mqttstream-${kind.name}-`));
  const checks: Partial<Record<CheckName, CheckResult>> = {};
  let version: string | undefined;
  try {
    version = await kind.fetch(cache);
    await using broker = await kind.start(cache, folder);
    const context = new Context(kind, broker, messages);
    await ready(context);
    const run = async (name: CheckName): Promise<void> => {
      checks[name] = await runCheck(name, context);
    };
    const names = CHECK_NAMES.filter((name) => only?.test(name) !== false);
    const inTurn = async (): Promise<void> => {
      for (const name of names.filter((each) => !BESIDE.includes(each) && !LAST.includes(each))) {
        await run(name);
      }
    };
    await Promise.all([inTurn(), ...BESIDE.filter((name) => names.includes(name)).map(run)]);
    for (const name of LAST.filter((each) => names.includes(each))) {
      await run(name);
    }
    return { name: kind.name, version, checks };
  } catch (error) {
    return { name: kind.name, version, unavailable: (error as Error).message, checks };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runCheck(name: CheckName, context: Context): Promise<CheckResult> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  const limit = CHECK_MS + context.messages * 2 + (context.kind.resendsAfterMs ?? 0);
  const tooLong = sleep(limit, undefined, { ref: false }).then(() => {
    throw new Error(`no result within ${limit / 1_000} s`);
  });
  try {
    const text = await Promise.race([CHECKS[name](context), tooLong]);
    return { passed: true, text, seconds: seconds() };
  } catch (error) {
    return { passed: false, text: (error as Error).message, seconds: seconds() };
  }
}
