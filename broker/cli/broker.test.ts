import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { hashPassword } from '../auth/password';
import { USAGE } from '../config/help';
import { connectClient, connectRaw, packets, until } from '../testing/clients';
import { connectHistory } from '../testing/history-client';

const ROOT = new URL('../..', import.meta.url).pathname;

interface Command extends AsyncDisposable {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  out(): string;
  err(): string;
  exit: Promise<[number | null, NodeJS.Signals | null]>;
}

function run(...args: string[]): Command {
  const child = spawn(process.execPath, ['--import', 'tsx', 'broker/cli/broker.ts', ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
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

async function temporaryFolder(): Promise<{ at: (name: string) => string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-cli-'));
  return {
    at: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

describe('the command', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'prints how to reach the broker, and %s stops it cleanly',
    async (signal) => {
      await using taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      await using command = run('--tcp-port', String(port), '--ws-port', '0', '--sensors', 'factory');
      await until('it to run', () => command.out().includes('Ctrl-C'));
      expect(command.out()).toMatch(new RegExp(`mqtt:\\S+:\\d+ +\\(port ${port} is in use\\)`));
      expect(command.out()).toMatch(/mosquitto_pub -h 127\.0\.0\.1 -p \d+ -t /);
      const url = /ws:\/\/\S+/.exec(command.out())?.[0] ?? '';
      await using client = await connectClient(url);
      await client.client.subscribeAsync('factory/#');
      await until('a few readings', () => client.deliveries.length > 10);
      const bad = await connectRaw(Number(/ -p (\d+)/.exec(command.out())?.[1]));
      bad.socket.write(Buffer.concat([packets.connect('bad'), packets.publish('a/#', '1')]));
      await until('its complaint', () => command.err().includes('"client":"bad"'));
      const complaint = command
        .err()
        .split('\n')
        .find((line) => line.includes('"client":"bad"'));
      expect(JSON.parse(complaint ?? '')).toMatchObject({ level: 40, listener: 'tcp', address: '127.0.0.1' });
      command.child.kill(signal);
      expect(await command.exit).toEqual([0, null]);
    }
  );

  test.each([
    [['--tcp-port', 'x'], 2, /^--tcp-port: Expected a whole number from 0 to 65535, got "x"\n/],
    [['--wrong'], 2, /^Unknown option '--wrong'\n/],
    [['--host', '0.0.0.0'], 1, /^Host 0\.0\.0\.0 can be reached from other machines/],
    [
      ['--host', '192.0.2.1', '--allow-anonymous'],
      1,
      /^This machine has no address 192\.0\.2\.1\. Choose an address of this machine, such as 127\.0\.0\.1\n$/,
    ],
    [
      ['--users', '/nowhere/users'],
      1,
      /^--users: The file \/nowhere\/users does not exist\. To create it: npm run broker -- passwd \/nowhere\/users USER\n$/,
    ],
    [['--acl', tmpdir()], 1, /^--acl: \S+ is a folder, not a file\n$/],
    [['--config', '/nowhere.yaml'], 2, /^--config: The file \/nowhere\.yaml does not exist\n/],
    [['passwd', 'users'], 2, /^Expected: passwd FILE USER/],
    [['passwd', 'users', 'anna', 'secret'], 2, /passwd asks for the password/],
    [['passwd', 'users', 'an:na'], 2, /^A user name/],
  ])('%j ends with %d and one clear message', async (args, code, message) => {
    await using command = run(...args, ...(args[0] === 'passwd' ? [] : ['--ws-port', '0']));
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

  test('from a file: users, rules, health; a changed users file is reloaded', async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.at('users'), `anna:${await hashPassword('secret')}\n`);
    await writeFile(
      folder.at('broker.yaml'),
      [
        'listeners:',
        '  - { type: tcp, port: 0 }',
        '  - { type: ws, port: 0, paths: [/mqtt] }',
        'users: users',
        'acl:',
        '  - { user: anna, allow: readwrite, topic: home/# }',
        'http: { port: 0 }',
      ].join('\n')
    );
    await using command = run('--config', folder.at('broker.yaml'));
    await until('it to run', () => command.out().includes('Ctrl-C') || command.child.exitCode !== null);
    expect(command.err()).not.toMatch(/Error/);
    expect(command.out()).toMatch(/mosquitto_pub -h 127\.0\.0\.1 -p \d+ -u USER -P PASSWORD -t /);
    expect(command.out()).toContain(`Add a user: npm run broker -- passwd ${folder.at('users')} USER\n`);
    const [tcp] = /mqtt:\/\/\S+/.exec(command.out()) ?? [''];
    const [metrics] = /http:\S+\/metrics/.exec(command.out()) ?? [''];
    await expect(connectClient(tcp)).rejects.toThrow('No MQTT connection');
    await using anna = await connectClient(tcp, { username: 'anna', password: 'secret' });
    await anna.client.subscribeAsync('home/#');
    await anna.client.publishAsync('home/kitchen', '1', { qos: 1 });
    await until('it', () => anna.deliveries.length === 1);
    expect(await (await fetch(metrics.replace('/metrics', '/healthz'))).text()).toBe('ok\n');
    const text = await (await fetch(metrics)).text();
    expect(text).toMatch(/^mqtt_clients 1$/m);
    expect(text).toMatch(/^mqtt_authentication_failures_total 1$/m);

    await writeFile(folder.at('users'), `bert:${await hashPassword('other')}\n`);
    await until('anna to be dropped', () => !anna.client.connected);
    await using bert = await connectClient(tcp, { username: 'bert', password: 'other' });
    expect(bert.client.connected).toBe(true);

    await writeFile(folder.at('users'), 'nonsense\n');
    command.child.kill('SIGHUP');
    await until('its complaint', () => command.err().includes('Reload failed, nothing changed: users: '));
    expect(bert.client.connected).toBe(true);
    command.child.kill('SIGTERM');
    expect(await command.exit).toEqual([0, null]);
  });

  test('SIGHUP reloads files without a change', async () => {
    await using folder = await temporaryFolder();
    const [anna, bert] = await Promise.all(
      ['anna', 'bert'].map(async (name) => `${name}:${await hashPassword(name)}\n`)
    );
    await writeFile(folder.at('users'), anna + bert);
    await using command = run('--tcp-port', '0', '--ws-port', '0', '--users', folder.at('users'));
    await until('it to run', () => command.out().includes('Ctrl-C') || command.child.exitCode !== null);
    const [tcp] = /mqtt:\/\/\S+/.exec(command.out()) ?? [''];
    await using stays = await connectClient(tcp, { username: 'anna', password: 'anna' });
    await using goes = await connectClient(tcp, { username: 'bert', password: 'bert' });
    const readAgain = (): string[] => command.err().match(/\{[^\n]*"reason":"SIGHUP"[^\n]*\}/g) ?? [];
    command.child.kill('SIGHUP');
    await until('it to be read', () => readAgain().length === 1);
    expect(readAgain()[0]).toContain('Reloaded users, rules, keys and certificates');
    expect([stays.client.connected, goes.client.connected]).toEqual([true, true]);
    await writeFile(folder.at('users'), anna);
    command.child.kill('SIGHUP');
    await until('bert to be dropped', () => !goes.client.connected);
    expect(stays.client.connected).toBe(true);
    await expect(connectClient(tcp, { username: 'bert', password: 'bert' })).rejects.toThrow('No MQTT connection');
    command.child.kill('SIGTERM');
    expect(await command.exit).toEqual([0, null]);
  });

  test('with --data, retained messages survive a restart', async () => {
    await using folder = await temporaryFolder();
    const args = ['--tcp-port', '0', '--ws-port', '0', '--data', folder.at('store')];
    for (const round of [1, 2]) {
      await using command = run(...args);
      await until('it to run', () => command.out().includes('Ctrl-C') || command.child.exitCode !== null);
      const [tcp] = /mqtt:\/\/\S+/.exec(command.out()) ?? [''];
      await using client = await connectClient(tcp);
      if (round === 1) {
        await client.client.publishAsync('retained', 'yes', { qos: 1, retain: true });
      } else {
        await client.client.subscribeAsync('retained');
        await until('what was retained', () => client.texts().includes('yes'));
      }
      command.child.kill('SIGTERM');
      expect(await command.exit).toEqual([0, null]);
    }
  });

  test('--sensor-past gives the sensors a history, at the first start only', async () => {
    await using folder = await temporaryFolder();
    const args = ['--tcp-port', '0', '--ws-port', '0', '--data', folder.at('store'), '--history', '#'];
    // The second set is new at the second start, but the history is not empty any more
    for (const [sets, topic, isPast] of [
      ['home', 'home/kitchen/temperature', true],
      ['home,factory', 'factory/line2/oven/temperature', false],
    ] as const) {
      await using command = run(...args, '--sensors', sets, '--sensor-past', '60');
      await until('it to run', () => command.out().includes('Ctrl-C') || command.child.exitCode !== null);
      const [tcp] = /mqtt:\/\/\S+/.exec(command.out()) ?? [''];
      await using client = await connectHistory(tcp, 'me');
      const { times } = await client.request({ filters: [topic], from: 0 });
      const [first] = times.get(topic)!;
      expect(Date.now() - first > 60_000).toBe(isPast);
      command.child.kill('SIGTERM');
      expect(await command.exit).toEqual([0, null]);
    }
  });

  test('passwd writes a user, whose password comes from standard input, and removes it', async () => {
    await using folder = await temporaryFolder();
    const file = folder.at('users');
    await using write = run('passwd', file, 'anna', '--role', 'dashboard');
    write.child.stdin.end('secret\n');
    expect(await write.exit).toEqual([0, null]);
    const line = await readFile(file, 'utf8');
    expect(line).toMatch(/^anna:\$scrypt\$ln=15,r=8,p=1\$[\w+/]+\$[\w+/]+:dashboard\n$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await using again = run('passwd', file, 'anna');
    again.child.stdin.end('other');
    expect(await again.exit).toEqual([0, null]);
    expect(await readFile(file, 'utf8')).toMatch(/^anna:.+:dashboard\n$/);
    expect(await readFile(file, 'utf8')).not.toBe(line);
    await using remove = run('passwd', file, 'anna', '--delete');
    expect(await remove.exit).toEqual([0, null]);
    expect(await readFile(file, 'utf8')).toBe('');
    await using none = run('passwd', file, 'anna', '--delete');
    expect(await none.exit).toEqual([2, null]);
    await using empty = run('passwd', file, 'anna');
    empty.child.stdin.end('');
    expect(await empty.exit).toEqual([2, null]);
    expect(empty.err()).toMatch(/^Expected a password of 1 to 1024 bytes, got 0/);
  }, 120_000); // six processes
});
