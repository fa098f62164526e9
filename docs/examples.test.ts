import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';
import mqtt, { type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startBroker } from '../broker/broker';
import { startBroker as startTestBroker } from '../broker/fixture';
import { startSensors } from '../broker/sensors';
import { CircularFrame } from '../src/frames';
import { compileRowMapping, RowExtractor, SeriesBuilder } from '../src/payload';

const ROOT = join(import.meta.dirname, '..');

/** Names that an example may use, and a check for after it has run. */
interface Scope {
  readonly names: Readonly<Record<string, unknown>>;
  readonly check?: () => Promise<void> | void;
}

const clients: MqttClient[] = [];

/** `mqtt`, whose clients end with the test: an example shows what it is about, and not how to clean up. */
const closingMqtt = {
  connectAsync: async (url: string): Promise<MqttClient> => {
    const client = await mqtt.connectAsync(url);
    clients.push(client);
    return client;
  },
};

/** The scope of each example, by the file that it stands in. Examples of one file come in their order. */
const SCOPES: Readonly<Record<string, ReadonlyArray<() => Promise<Scope> | Scope>>> = {
  'broker/broker.ts': [
    () => {
      const write = vi.fn();
      const names = { startBroker, mqtt: closingMqtt, process: { stdout: { write } } };
      const check = (): Promise<void> =>
        vi.waitFor(() => expect(write).toHaveBeenCalledWith('home/kitchen/temperature 21.5\n'));
      return { names, check };
    },
  ],
  'broker/fixture/index.ts': [
    () => ({ names: { startBroker: startTestBroker, mqtt: closingMqtt, expect } }),
    async () => {
      const broker = await startTestBroker();
      return { names: { broker }, check: () => broker.close() };
    },
  ],
  'broker/sensors/index.ts': [() => ({ names: { startBroker: startTestBroker, startSensors, expect } })],
  'src/frames/circular-frame.ts': [
    () => {
      const builder = new SeriesBuilder(1, 'home/attic', 10);
      builder.add(1_000, { a: 1 });
      builder.add(2_000, { a: 2 });
      return { names: { CircularFrame, batch: { chunks: [builder.take()] }, startMs: 0, endMs: 1_500 } };
    },
  ],
  'src/payload/rows/mapping.ts': [() => ({ names: { compileRowMapping, RowExtractor, expect } })],
};

/** The code behind each `@example` of a file. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(/^ \* @example\n((?: \*(?! @|\/).*\n)+)/gm)].map(([, block]) =>
    block.replace(/^ \* ?/gm, '').replace(/^```.*\n/gm, '')
  );
}

afterEach(() => {
  clients.splice(0).forEach((client) => client.end(true));
});

describe('examples in the documentation comments', async () => {
  const files = (
    await Promise.all(
      ['src', 'broker', 'testing'].map(async (folder) =>
        (await readdir(join(ROOT, folder), { recursive: true })).map((file) => join(folder, file))
      )
    )
  )
    .flat()
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('node_modules'));
  const found = await Promise.all(
    files.map(async (file) => ({ file, examples: examplesIn(await readFile(join(ROOT, file), 'utf8')) }))
  );
  const withExamples = found.filter(({ examples }) => examples.length > 0);

  test('all run here', () => {
    const counts = withExamples.map(({ file, examples }) => [file, examples.length]);
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(Object.entries(SCOPES).map(([file, scopes]) => [file, scopes.length]))
    );
  });

  const cases = withExamples.flatMap(({ file, examples }) => examples.map((code, at) => ({ file, code, at })));
  test.each(cases)('$file, number $at', async ({ file, code, at }) => {
    const { names, check } = await SCOPES[file][at]();
    const body = `(async function example(${Object.keys(names).join(', ')}) {\n${code}})`;
    const { code: js } = await transform(body, { loader: 'ts', target: 'es2022' });
    // oxlint-disable-next-line no-eval -- the code is that of this repository
    const example = (0, eval)(js) as (...values: unknown[]) => Promise<void>;
    await expect(example(...Object.values(names))).resolves.toBeUndefined();
    await check?.();
  });
});
