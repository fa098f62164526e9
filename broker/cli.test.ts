import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { parseCommand, USAGE, UsageError } from './cli-options';
import { startedText } from './cli-text';
import { connectClient, connectRaw, packets, until } from './test-helpers';

const ROOT = new URL('..', import.meta.url).pathname;

interface Command extends AsyncDisposable {
  child: ChildProcessByStdio<null, Readable, Readable>;
  out(): string;
  err(): string;
  exit: Promise<[number | null, NodeJS.Signals | null]>;
}

function run(...args: string[]): Command {
  const child = spawn(process.execPath, ['--import', 'tsx', 'broker/cli.ts', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const exit = once(child, 'close') as Command['exit'];
  return {
    child,
    out: () => out.join(''),
    err: () => err.join(''),
    exit,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

describe('the command', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('says how to reach it, and %s stops it cleanly', async (signal) => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await using command = run('--tcp-port', String(port), '--ws-port', '0', '--sensors', 'factory');
    await until('it to run', () => command.out().includes('Ctrl-C'));
    expect(command.out()).toMatch(new RegExp(`\\(port ${port} was taken, so it is \\d+\\)`));
    expect(command.out()).toMatch(/mosquitto_pub -h 127\.0\.0\.1 -p \d+ -t /);
    const url = /ws:\/\/\S+/.exec(command.out())?.[0] ?? '';
    await using client = await connectClient(url);
    await client.client.subscribeAsync('factory/#');
    await until('a few readings', () => client.deliveries.length > 10);
    const bad = await connectRaw(Number(/ -p (\d+)/.exec(command.out())?.[1]));
    bad.socket.write(Buffer.concat([packets.connect('bad'), packets.publish('a/#', '1')]));
    await until('its complaint', () => command.err().includes('(bad, tcp, 127.0.0.1)'));
    command.child.kill(signal);
    expect(await command.exit).toEqual([0, null]);
  });

  test.each([
    [['--tcp-port', 'x'], 2, /^Expected --tcp-port to be a whole number from 0 to 65535, got "x"\n/],
    [['--wrong'], 2, /^Unknown option '--wrong'\n/],
    [['--host', '0.0.0.0'], 1, /^Host 0\.0\.0\.0 can be reached from other machines/],
    [['--host', '192.0.2.1', '--allow-remote'], 1, /^This machine has no address 192\.0\.2\.1\n$/],
  ])('%j ends with %d and one clear message', async (args, code, message) => {
    await using command = run('--ws-port', '0', ...args);
    expect(await command.exit).toEqual([code, null]);
    expect(command.err()).toMatch(message);
    expect(command.err()).not.toMatch(/\n\s+at /);
    expect(command.out()).toBe('');
  });

  test('--help', async () => {
    await using command = run('--help');
    expect(await command.exit).toEqual([0, null]);
    expect(command.out()).toBe(USAGE);
  });
});

describe('parseCommand', () => {
  test('defaults', () => {
    expect(parseCommand([])).toEqual({
      tcpPort: 1883,
      wsPort: 9001,
      host: '127.0.0.1',
      allowRemote: false,
      sensors: [],
      seed: 1,
      help: false,
    });
  });

  test.each([
    ['--sensors=home,factory', { sensors: ['home', 'factory'] }],
    ['--sensors=factory', { sensors: ['factory'] }],
    ['--sensors=none', { sensors: [] }],
    ['--seed=42', { seed: 42 }],
    ['--ws-port=0', { wsPort: 0 }],
    ['-h', { help: true }],
  ])('%s', (arg, expected) => {
    expect(parseCommand([arg])).toMatchObject(expected);
  });

  test.each([
    [['--sensors', 'home,zoo'], 'Expected --sensors to be none or some of home, factory, got "zoo"'],
    [['--sensors', ''], 'Expected --sensors to be none or some of home, factory, got ""'],
    [['--tcp-port', '70000'], 'Expected --tcp-port to be a whole number from 0 to 65535, got "70000"'],
    [['--tcp-port=-1'], 'got "-1"'],
    [['--seed', '1.5'], 'Expected --seed'],
    [['--allow-remote=yes'], "'--allow-remote'"],
    [['extra'], "'extra'"],
    [['--host'], "'--host <value>' argument missing"],
  ])('%j is refused', (args, message) => {
    expect(() => parseCommand(args)).toThrow(UsageError);
    expect(() => parseCommand(args)).toThrow(message);
  });

  test('every option is in the usage', () => {
    for (const option of ['--tcp-port', '--ws-port', '--host', '--allow-remote', '--sensors', '--seed', '--help']) {
      expect(USAGE).toContain(`  ${option}`);
    }
  });
});

test('a listener on every address says so, and its lines use an address that works here', () => {
  const text = startedText(
    { tcp: { host: '::', port: 1883, askedPort: 1883, url: 'mqtt://[::1]:1883' }, ws: undefined },
    []
  );
  expect(text).toContain('(and at every other address of this machine)');
  expect(text).toContain('mosquitto_pub -h ::1 -p 1883');
  expect(text).not.toContain('Grafana');
});
