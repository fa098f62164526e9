/** Runs the examples for other test runners as their users would. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('../..', import.meta.url));
// Without the variables of vitest, which node:test would take for those of its own worker
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST)/.test(name)));

test('node:test', async () => {
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-reporter=tap', 'broker/examples/node-test.example.ts'],
    { cwd, env }
  );
  expect(stdout).toContain('# pass 1');
  expect(stdout).toContain('# fail 0');
});

test('CommonJS, as jest has it', async () => {
  const { stdout } = await run(process.execPath, ['broker/examples/jest.example.cjs'], { cwd, env });
  expect(stdout).toBe('passed\n');
});

test('CommonJS: after the broker has ended, calls reject and close has no effect', async () => {
  const script = `
    const { startBroker } = require(${JSON.stringify(fileURLToPath(new URL('../fixture/client.cjs', import.meta.url)))});
    (async () => {
      const broker = await startBroker();
      const asked = broker.message('never');
      await Promise.all([broker.close(), broker.close(), asked.catch((error) => process.stdout.write(error.message + '\\n'))]);
      await broker.publish({ topic: 'a', payload: '1' }).catch((error) => process.stdout.write(error.message + '\\n'));
      await broker.close();
      JSON.stringify(broker);
      process.stdout.write('still here\\n');
    })();
  `;
  const { stdout, stderr } = await run(process.execPath, ['--eval', script], { cwd, env });
  expect({ stdout, stderr }).toEqual({
    stdout: 'The broker has ended\nThe broker has ended\nstill here\n',
    stderr: '',
  });
});

test('any language: lines of JSON over stdin and stdout', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'broker/fixture/process.ts', '{"ws":false}'], { cwd, env });
  const answers: Array<Record<string, unknown>> = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => answers.push(JSON.parse(line) as Record<string, unknown>));
  const ask = async (request: object | string): Promise<Record<string, unknown>> => {
    const heard = once(lines, 'line');
    child.stdin.write(`${typeof request === 'string' ? request : JSON.stringify(request)}\n`);
    await heard;
    return answers[answers.length - 1];
  };
  await once(lines, 'line');
  expect(answers[0]).toMatchObject({ ready: { tcp: { url: expect.stringMatching(/^mqtt:/) as string } } });
  expect(await ask({ id: 1, method: 'publish', args: [{ topic: 'a', payload: 'ä', qos: 1 }] })).toEqual({
    id: 1,
    result: null,
  });
  expect(await ask({ id: 2, method: 'message', args: ['a'] })).toEqual({
    id: 2,
    result: { topic: 'a', text: 'ä', payloadBase64: 'w6Q=', qos: 1, retain: false },
  });
  expect(await ask({ id: 3, method: 'publish', args: [{ topic: 'a/+', payload: '' }] })).toEqual({
    id: 3,
    error: 'Topic "a/+" contains a wildcard [MQTT-3.3.2-2]',
  });
  expect((await ask({ id: 4, method: 'toString' }))['error']).toMatch(/^No method "toString"; there are publish, /);
  expect(await ask('nonsense')).toEqual({ error: 'Expected a line of JSON, got nonsense' });
  const gone = once(child, 'exit');
  child.stdin.end();
  expect(await gone).toEqual([0, null]);
});

test('docs/broker.md has the same examples', async () => {
  const doc = await readFile(new URL('../../docs/broker.md', import.meta.url), 'utf8');
  for (const example of ['node-test.example.ts', 'jest.example.cjs']) {
    expect(doc).toContain(`\n${await readFile(new URL(example, import.meta.url), 'utf8')}\`\`\``);
  }
});
