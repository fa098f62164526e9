import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { brokerSuite } from './broker/suite';
import { browserSuite } from './browser/suite';
import { scratchFolder } from './bundle';
import { isMeasured, type Result } from './measurement';
import { bundleContestant } from './other/bundle-contestant';
import { judged } from './other/in-turns';
import { NODE_ROWS } from './node/rows';
import { nodeSuite } from './node/suite';
import { parseCommand } from './options';
import { ROOT } from './paths';
import { median, quantile } from './stats';
import { json, table } from './table';

describe('the Node bench in its short form', () => {
  test('gives finite numbers in every row', { timeout: 120_000 }, async () => {
    const results = await nodeSuite({ short: true, only: /(?:)/, profile: undefined, other: undefined });
    expect(results.filter((result) => !isMeasured(result))).toEqual([]);
    for (const { what, ours, peer, ratio } of results.filter((result) => isMeasured(result))) {
      for (const value of [ours.value, peer?.value, ratio?.value].filter((each) => each !== undefined)) {
        expect(value, what).toSatisfy((number: number) => Number.isFinite(number) && number > 0);
      }
    }
    expect(new Set(results.map(({ row }) => row))).toEqual(new Set([...Object.values(NODE_ROWS), 29]));
  });

  test('measures only what is asked for', { timeout: 60_000 }, async () => {
    const results = await nodeSuite({ short: true, only: /^decode$/, profile: undefined, other: undefined });
    expect(results.map(({ row }) => row)).toEqual([3]);
  });

  test('takes turns with another checkout', { timeout: 120_000 }, async () => {
    using profiles = await scratchFolder();
    const results = await nodeSuite({ short: true, only: /^other/, profile: profiles.path, other: ROOT });
    expect(results.filter((result) => !isMeasured(result))).toEqual([]);
    const measured = results.filter((result) => isMeasured(result));
    for (const { what, ours, peer, ratio } of measured) {
      expect(peer?.name).toBe('the other build');
      for (const value of [ours.value, peer?.value, ratio?.value]) {
        expect(value, what).toSatisfy((number: number) => Number.isFinite(number) && number > 0);
      }
    }
    const count = (wanted: string): number => measured.filter(({ target }) => target === wanted).length;
    // What is kept, what is stored, and all others
    expect(['at least 1 of it', 'at most 1.1 times it', 'at most 1.05 times it'].map(count)).toEqual([1, 1, 17]);
    const files = await readdir(profiles.path);
    expect(files).toContain('other-append100-ours.cpuprofile');
    expect(files).toContain('other-append100-theirs.cpuprofile');
  });

  test('writes a profile of a row', { timeout: 60_000 }, async () => {
    using folder = await scratchFolder();
    const results = await nodeSuite({ short: true, only: /^decode$/, profile: folder.path, other: undefined });
    expect(results.filter((result) => !isMeasured(result))).toEqual([]);
    expect(await readdir(folder.path)).toEqual([expect.stringMatching(/\.cpuprofile$/)]);
  });
});

describe('the table', () => {
  const results: Result[] = [
    {
      row: 1,
      what: 'append',
      ours: { value: 52.34, unit: 'ns' },
      peer: { name: 'peer', value: 800, unit: 'ns' },
      ratio: { value: 15.28, means: 'times cheaper' },
      target: '15 times cheaper',
      met: true,
      note: 'in turns',
    },
    { row: 4, what: 'mosquitto', unmeasured: 'mosquitto is not installed' },
  ];

  test('has a row for each measurement, and a reason for each row that is missing', () => {
    expect(
      table(results, true)
        .split('\n')
        .map((line) => line.replaceAll(/ +/g, ' '))
    ).toEqual([
      '| What | Ours | Peer | Ratio | Target | Met |',
      expect.stringMatching(/^\|( -+ \|){6}$/),
      '| append (in turns) | 52.3 ns | peer: 800 ns | 15.3 times cheaper | 15 times cheaper | yes |',
      '| mosquitto | not measured: mosquitto is not installed | | | | |',
      '',
    ]);
  });

  test('has the parts of a value next to those of the peer', () => {
    const parts = [
      { name: 'renderer', ours: 4.5, peer: 1.7 },
      { name: 'GPU', ours: 0.251, peer: 0 },
    ];
    expect(table([{ row: 24, what: 'all', ours: { value: 5, unit: '%' }, parts, note: '2 draws/s' }], true)).toContain(
      '| all (of it renderer 4.5% (peer: 1.7%), GPU 0.251% (peer: 0%); 2 draws/s) | 5% '
    );
  });

  test('does not judge the short form', () => {
    expect(table(results, false)).toContain('not judged');
  });

  test('is there for programs, too', () => {
    expect(JSON.parse(json(results, true))).toMatchObject({ short: true, results });
  });
});

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[0, 10], 0.99, 9.9],
  [[7], 0.99, 7],
])('of %j the quantile %d is %d', (values, q, expected) => {
  expect(quantile(values, q)).toBeCloseTo(expected, 10);
  expect(median(values)).toBe(quantile(values, 0.5));
});

test.each([
  ['node', nodeSuite, 'append, packet, decode, '],
  ['browser', browserSuite, 'in-chromium, one-per-frame, '],
  ['broker', brokerSuite, 'throughput, idle, frozen, history'],
] as const)('a pattern that matches no row of the suite %s fails, and names the rows', async (_, suite, names) => {
  const options = { short: true, only: /^nothing/, profile: undefined, other: undefined };
  await expect(suite(options)).rejects.toThrow(`No row matches "^nothing". The rows are ${names}`);
});

test('a comparison is judged by the medians of samples that were taken in turns', () => {
  const contest = { what: 'append', unit: 'ns', sample: 'append1' } as const;
  const sides = (...ours: number[]) => ({ ours, theirs: [100, 100, 200] });
  expect(judged(30, contest, sides(90, 105, 999))).toMatchObject({
    what: 'in turns: append',
    ours: { value: 105, unit: 'ns' },
    peer: { name: 'the other build', value: 100, unit: 'ns' },
    ratio: { value: 1.05 },
    met: true,
    note: 'half of 3 rounds from 0.98 to 3.02 times, the best samples 0.90 times',
  });
  expect(judged(30, contest, sides(90, 106, 106))).toMatchObject({ met: false });
  expect(judged(30, { ...contest, most: 1.1 }, sides(90, 106, 106))).toMatchObject({ met: true });
  expect(judged(30, { ...contest, isMore: true }, sides(100, 99, 99))).toMatchObject({ met: false });
});

test('sources that another checkout does not have are named', async () => {
  using folder = await scratchFolder();
  await expect(bundleContestant(folder.path, join(folder.path, 'theirs.cjs'))).rejects.toThrow(
    `${folder.path} has no src/frames/index.ts: this benchmark cannot be compared with it`
  );
});

test('the command of a pattern that matches no row says so without a stack, and fails', async () => {
  const command = promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/cli.ts', 'broker', '--only', '^x'], {
    cwd: ROOT,
  });
  await expect(command).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'No row matches "^x". The rows are throughput, idle, frozen, history\n',
  });
});

test('the command line', () => {
  const parse = (...args: string[]): unknown => parseCommand(args, ['node', 'browser', 'broker']);
  expect(parse('browser', '--short', '--json', 'out.json', '--only', 'FLAT')).toEqual({
    suite: 'browser',
    options: { short: true, json: 'out.json', only: /FLAT/i, profile: undefined },
  });
  expect(parse('node')).toEqual({ suite: 'node', options: { short: false, only: /(?:)/i } });
  expect(parse('node', '--profile', 'dir')).toMatchObject({ options: { profile: 'dir' } });
  expect(parse('browser', '--profile', 'dir')).toMatchObject({ options: { profile: 'dir' } });
  expect(() => parse('browser', '--other', 'docs')).toThrow(
    'Expected --other to name a checkout with a build, but docs has no src/module.ts: git worktree add docs COMMIT, then'
  );
  expect(() => parse('broker', '--other', 'dir')).toThrow('Expected --other with the suites node and browser only');
  expect(() => parse('broker', '--profile', 'dir')).toThrow('Expected --profile with the suites node and browser only');
  expect(() => parse('node', '--fast')).toThrow(/Unknown option '--fast'/);
  expect(() => parse('--short')).toThrow('Expected one suite of node, browser, broker, got ""');
  expect(() => parse('node', 'browser')).toThrow('Expected one suite of node, browser, broker, got "node browser"');
});
