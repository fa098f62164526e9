import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { USAGE } from '../config/help';
import { HISTORIAN_USAGE, loadHistorian } from '../config/historian';
import { loadConfig } from '../config/load';
import { toBrokerOptions } from '../config/to-broker-options';
import { startBroker } from '../fixture';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import { until } from '../testing/clients';
import { startStandaloneHistorian } from './standalone';
import { MAX_PART_BYTES } from './response';
import { MAX_REQUESTS, MAX_REQUESTS_PER_CLIENT } from './request-handler';
import { HISTORY_RANGES, MAX_PAYLOAD_BYTES, ROW_OVERHEAD, TOPIC_OVERHEAD } from './options';
import { MAX_REQUEST_BYTES, MAX_REQUEST_FILTERS, parseRequest } from './protocol';

const mosquitto = mosquittoPath();
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const doc = read('../../docs/history.md');

/** The code blocks of the page in this language. */
const blocks = (language: string): string[] =>
  [...doc.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code);

test('the examples in docs/history.md are the tests that run', () => {
  expect(blocks('ts')).toEqual([
    read('../examples/history-example.test.ts'),
    read('../examples/import-history-example.test.ts'),
  ]);
});

test('the limits are those of the code', () => {
  for (const [name, [defaultValue]] of Object.entries(HISTORY_RANGES)) {
    expect(doc).toMatch(new RegExp(`^\\| \`history\\.${name}\` +\\|.*\\| \`${defaultValue}\` +\\|$`, 'm'));
  }
  for (const [sentence, value] of [
    ['A request has at most N bytes', MAX_REQUEST_BYTES],
    ['1 to N topic filters', MAX_REQUEST_FILTERS],
    ['A part has at most N bytes', MAX_PART_BYTES],
    ['Payloads of more than N bytes are not recorded', MAX_PAYLOAD_BYTES],
    ['its payload and N bytes', ROW_OVERHEAD],
    ['its name and N bytes', TOPIC_OVERHEAD],
    ['N requests of a client', MAX_REQUESTS_PER_CLIENT],
    ['or N of all clients, are open', MAX_REQUESTS],
  ] as const) {
    expect(doc).toContain(sentence.replace('N', value.toLocaleString('en')));
  }
});

test('the request is valid, the responses are JSON, and the error codes are those of the code', () => {
  const [request, ...responses] = blocks('json');
  expect(parseRequest(Buffer.from(request))).toEqual({
    v: 2,
    filters: ['home/+/temperature'],
    from: 1_732_600_000_000,
    to: 1_732_603_600_000,
    limit: 1_000,
    maxPoints: Infinity,
    mark: undefined,
  });
  expect(parseRequest(Buffer.from(/`(\{"v":2,"cancel".*?)`/.exec(doc)![1]))).toBe('cancel');
  expect(responses.map((response) => Object.keys(JSON.parse(response) as object))).toEqual([
    ['v', 'part', 'now', 'run', 'mark', 'total', 'done', 'truncated', 'topics'],
    ['v', 'error'],
    ['v', 'part', 'done', 'truncated', 'now', 'topics'],
  ]);
  const [, union] = /type ErrorCode = (.*);/.exec(read('./protocol.ts'))!;
  const codes = union.split(' | ').map((code) => code.slice(1, -1));
  expect([...doc.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, code]) => code).filter((code) => code.length > 4)).toEqual(
    expect.arrayContaining(codes)
  );
  expect(codes).toHaveLength(5);
});

test('the configuration on the page is valid', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'history-docs-'));
  const [yaml] = blocks('yaml');
  await writeFile(join(folder, 'history.yaml'), yaml);
  const { history } = toBrokerOptions(await loadConfig(['--config', join(folder, 'history.yaml')]));
  expect(history).toEqual({
    filters: ['home/#', 'plant/+/motor/#'],
    root: 'history',
    age: 604_800,
    messages: 50_000,
    bytes: 64 << 20,
    topics: 10_000,
    directory: join(folder, 'store', 'history'),
  });
  const [command] = blocks('sh');
  const args = command.trim().split(' -- ')[1].split(' ');
  expect((await loadConfig(args.map((each) => each.replaceAll("'", '')))).history.filters).toEqual(['home/#']);
  await rm(folder, { recursive: true });
});

test('the command line of the historian is valid', async () => {
  const [line] = blocks('sh').filter((code) => code.startsWith('npm run historian'));
  const args = line.trim().split(' -- ')[1].replaceAll("'", '').split(' ');
  expect((await loadHistorian(args, {})).historian).toMatchObject({
    url: 'mqtt://127.0.0.1:1883',
    clientId: 'historian',
    history: { filters: ['home/#'], directory: join('store', 'history') },
  });
  for (const [, option] of doc.matchAll(/`(--[a-z]+(?:-[a-z]+)*)[ `]/g)) {
    expect(USAGE + HISTORIAN_USAGE).toContain(option);
  }
});

describe('the shell', () => {
  let isThere = true;
  beforeAll(() => {
    try {
      execFileSync('mosquitto_rr', ['--help'], { stdio: 'ignore' });
    } catch (error) {
      isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  });

  test('the command lines are answered', async ({ skip }) => {
    skip(!isThere, 'mosquitto-clients is not installed');
    await using broker = await startBroker({ history: { filters: ['home/#'] } });
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5' });
    // With the port of this broker; a subscriber ends with its first message
    const at = `-h 127.0.0.1 -p ${broker.tcp!.port} `;
    const [both, one, , status] = blocks('sh')
      .slice(1)
      .map((code) => code.replaceAll(/(mosquitto_\w+) /g, `$1 ${at}`));
    const sh = async (script: string): Promise<string> => (await promisify(execFile)('sh', ['-c', script])).stdout;

    const [subscribe, publish] = both.trim().split('\n');
    const subscribed = sh(subscribe.replace(/ &$/, ' -C 1 -W 20'));
    await until('the subscription', () => broker.subscriptions().get('me')?.length === 1);
    await sh(publish);
    const topics = [{ topic: 'home/kitchen/temperature', payloads: ['21.5'] }];
    expect(JSON.parse(await subscribed)).toMatchObject({ done: true, topics });
    expect(JSON.parse(await sh(one))).toMatchObject({ done: true, topics });
    expect(JSON.parse(await sh(status))).toEqual({
      v: 2,
      versions: [1, 2],
      age: 86_400,
      messages: 10_000,
      userProperties: false,
    });
  });

  test.skipIf(mosquitto === undefined)('the command line with MQTT 5 is answered', async ({ skip }) => {
    skip(!isThere, 'mosquitto-clients is not installed');
    await using broker = await startMosquitto(mosquitto!);
    const url = `mqtt://127.0.0.1:${broker.tcpPort}`;
    await using historian = await startStandaloneHistorian({ url, history: { filters: ['home/#'] } });
    const sensor = await mqtt.connectAsync(url);
    await until('a message to be recorded', () => {
      sensor.publish('home/kitchen/temperature', '21.5');
      return historian.stats.messages > 0;
    });
    const line = blocks('sh').find((code) => code.includes('mqttv5'))!;
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      line.replace('mosquitto_rr ', `mosquitto_rr -h 127.0.0.1 -p ${broker.tcpPort} -W 10 `),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ done: true, topics: [{ topic: 'home/kitchen/temperature' }] });
    await sensor.endAsync(true);
  });
});
