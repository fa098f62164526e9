import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../broker/fixture';
import { runLoad } from './broker/load';
import { brokerSuite } from './broker/suite';
import { isMeasured } from './measurement';

test('the broker bench in its short form gives finite numbers in every row', { timeout: 180_000 }, async () => {
  const results = await brokerSuite({ short: true, only: /(?:)/ });
  // Without mosquitto its rows say so; anything else that could not be measured is a fault.
  const unmeasured = results.filter(
    (result) => !isMeasured(result) && result.unmeasured !== 'mosquitto is not installed'
  );
  expect(unmeasured).toEqual([]);
  expect(results.length).toBe(24);
  const judged = results.filter(({ what }) => what.endsWith('50 bytes: deliveries')).filter(isMeasured);
  for (const [peer, target] of [
    ['bare Aedes', 'at least 1.3 of it'],
    ['mosquitto', 'at least 1 of it'],
  ]) {
    const rows = judged.filter((each) => each.peer?.name === peer);
    expect([8, peer === 'mosquitto' ? 0 : 8]).toContain(rows.length);
    expect(rows.filter((each) => each.target !== target || each.met === undefined)).toEqual([]);
  }
  for (const { what, ours, peer } of results.filter((result) => isMeasured(result))) {
    expect(Number.isFinite(ours.value), what).toBe(true);
    expect(peer === undefined || Number.isFinite(peer.value), what).toBe(true);
  }
});

describe('load', () => {
  test.each([
    ['tcp', 0],
    ['ws', 1],
  ] as const)('%s, QoS %d: everything arrives once', async (transport, qos) => {
    await using broker = await startBroker();
    const options = { url: broker[transport]!.url, qos, subscribers: 3, publishers: 2, rate: 2_000, messages: 200 };
    const result = await runLoad(options);
    expect(result).toMatchObject({ published: 400, received: 1_200, lost: 0, duplicates: 0, dropped: 0 });
    expect(result.latency.p50).toBeGreaterThan(0);
    expect(result.latency.max).toBeGreaterThanOrEqual(result.latency.p99);
    // 100 ms of publishing at this rate
    expect(result.seconds).toBeGreaterThan(0.15);
  });

  test('what is lost is counted, and who is cut off', async () => {
    await using broker = await startBroker();
    using _ = broker.faults.drop({ direction: 'out', packets: ['publish'], times: 5 });
    const run = { qos: 0, subscribers: 1, publishers: 1, messages: 100, waitMs: 200 } as const;
    expect(await runLoad({ url: broker.tcp!.url, ...run })).toMatchObject({ published: 100, received: 95, lost: 5 });
    using cut = broker.faults.terminate({ direction: 'out', packets: ['publish'] });
    expect(await runLoad({ url: broker.tcp!.url, ...run })).toMatchObject({ lost: 100, dropped: 1 });
    expect(cut.count).toBe(1);
  });

  test('the command', async () => {
    await using broker = await startBroker();
    const run = (...args: string[]): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/load.ts', ...args], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
      });
    const { stdout } = await run('--url', broker.ws!.url, '--seconds', '1', '--rate', '200', '--subscribers', '2');
    expect(stdout).toMatch(
      /^published {3}\d+ in 1\.\d s\nreceived {4}\d+, \d+\/s\nlost {8}0\nduplicates {2}0\nlatency/
    );
    await expect(run('--url', broker.ws!.url, '--qos', '3')).rejects.toThrow('Expected --qos to be 0 or 1, got "3"');
    await expect(run('--url', 'mqtt://127.0.0.1:1')).rejects.toThrow('closed the connection');
    expect((await run('--help')).stdout).toContain('Usage: npm run load');
  });
});
