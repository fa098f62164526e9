import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type FixtureOptions, type TestBroker } from '../fixture';
import { CERTIFICATES } from '../testing/certificates';
import { connectClient, connectRaw, packets, until } from '../testing/clients';
import type { JwtOptions } from './jwt';
import { hashPassword } from './password';

let folder = '';
let users = '';
const hashes: Record<string, string> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-auth-'));
  for (const name of ['anna', 'bert', 'viewer', 'root']) {
    hashes[name] = await hashPassword(`${name}-secret`);
  }
  users = await write(
    'users',
    `anna:${hashes.anna}\nbert:${hashes.bert}\nviewer:${hashes.viewer}:dashboard\nroot:${hashes.root}:admin\n`
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const as = (name: string, more = {}) => ({ username: name, password: `${name}-secret`, ...more });
const withHeader = (authorization: string) => ({ wsOptions: { headers: { authorization } } });
const basic = (name: string): string => `Basic ${Buffer.from(`${name}:${name}-secret`).toString('base64')}`;

/** The return code of the CONNACK to a CONNECT, over TCP. */
async function returnCode(broker: TestBroker, connect: Buffer): Promise<number> {
  using raw = await connectRaw(broker.tcp!.port);
  raw.socket.write(connect);
  await until('CONNACK', () => raw.bytes().length >= 4);
  return raw.bytes()[3];
}

describe('users', () => {
  test('are let in with their password only', async () => {
    await using broker = await startBroker({ users });
    await using anna = await connectClient(broker.tcp!.url, as('anna'));
    expect(anna.client.connected).toBe(true);
    expect(broker.connections()[0]).toMatchObject({ user: 'anna' });
    for (const login of [
      { username: 'anna', password: 'x' },
      { username: 'nobody', password: 'x' },
      { username: 'anna' },
      {},
    ]) {
      await expect(connectClient(broker.ws!.url, login)).rejects.toThrow('No MQTT connection');
    }
    expect(await returnCode(broker, packets.connect('x'))).toBe(5);
    expect(broker.stats().authenticationFailures).toBe(5);
    expect(broker.clientErrors.map(({ error }) => error.message)).toContain('Wrong user or password for "nobody"');
  });

  test('anonymous clients in addition, if they are allowed; a user name without its password is not anonymous', async () => {
    await using broker = await startBroker({ users, allowAnonymous: true });
    await using client = await connectClient(broker.tcp!.url);
    expect(client.client.connected).toBe(true);
    await expect(connectClient(broker.tcp!.url, { username: 'anna' })).rejects.toThrow('No MQTT connection');
  });

  test('make it safe to listen wide', async () => {
    await using broker = await startBroker({ users, tcp: { host: '0.0.0.0' }, ws: false });
    await using anna = await connectClient(broker.tcp!.url, as('anna'));
    expect(anna.client.connected).toBe(true);
  });

  test('failed logins slow down, and those whose password is known do not', async () => {
    const slept: number[] = [];
    const throttle = {
      sleep: (ms: number) => {
        slept.push(ms);
        return Promise.resolve();
      },
    };
    await using broker = await startBroker({ users, throttle });
    await using first = await connectClient(broker.tcp!.url, as('anna'));
    for (let n = 0; n < 5; n += 1) {
      await expect(connectClient(broker.tcp!.url, { username: 'anna', password: `guess ${n}` })).rejects.toThrow();
    }
    expect(slept).toEqual([250, 500]);
    await using again = await connectClient(broker.tcp!.url, as('anna'));
    expect(slept).toEqual([250, 500]);
    await using bert = await connectClient(broker.tcp!.url, as('bert'));
    expect(slept).toEqual([250, 500, 1_000]);
    expect([first, again, bert].map(({ client }) => client.connected)).toEqual([true, true, true]);
  });

  test('cannot take the client id of another user, and can take their own', async () => {
    await using broker = await startBroker({ users });
    await using anna = await connectClient(broker.tcp!.url, as('anna', { clientId: 'one' }));
    await expect(connectClient(broker.tcp!.url, as('bert', { clientId: 'one' }))).rejects.toThrow();
    expect(broker.clientErrors.at(-1)?.error.message).toBe(
      'A client of another user is connected with this client id. Choose another client id'
    );
    expect(anna.client.connected).toBe(true);
    await using again = await connectClient(broker.tcp!.url, as('anna', { clientId: 'one' }));
    await until('the first to go', () => !anna.client.connected);
    expect(again.client.connected).toBe(true);
  });
});

describe('roles and rules', () => {
  test('a dashboard reads everything, publishes nothing, and does not see $SYS', async () => {
    await using broker = await startBroker({ users });
    await using viewer = await connectClient(broker.ws!.url, as('viewer'));
    await viewer.client.subscribeAsync('#');
    await broker.publish({ topic: 'a', payload: '1' });
    await until('it', () => viewer.texts().includes('1'));
    await expect(viewer.client.subscribeAsync('$SYS/#')).rejects.toMatchObject({ packet: { granted: [128] } });
    viewer.client.publish('a', '2');
    await until('it to be dropped', () => broker.clients() === 0);
    expect(broker.clientErrors[0].error.message).toBe('Not allowed to publish on "a"');
    expect(broker.received.map(({ text }) => text)).toEqual(['1']);
  });

  test('an admin sees $SYS', async () => {
    await using broker = await startBroker({ users });
    await using root = await connectClient(broker.tcp!.url, as('root'));
    await root.client.subscribeAsync('$SYS/+/new/clients');
    await using anna = await connectClient(broker.tcp!.url, as('anna', { clientId: 'newcomer' }));
    await until('news', () => root.texts().includes('newcomer'));
    expect(anna.client.connected).toBe(true);
  });

  const acl = [
    { user: 'anna', allow: 'readwrite', topic: 'home/#' },
    { user: 'anna', deny: 'all', topic: 'home/safe' },
    { allow: 'write', topic: 'sensors/%u' },
  ] as const;

  test('a filter wider than the right delivers what is within it, live, retained and queued', async () => {
    await using broker = await startBroker({ users, acl });
    await broker.publish({ topic: 'home/old', payload: 'retained', retain: true });
    await broker.publish({ topic: 'away/old', payload: 'secret', retain: true });
    const session = as('anna', { clientId: 'a', clean: false });
    {
      await using anna = await connectClient(broker.tcp!.url, session);
      await anna.client.subscribeAsync('#', { qos: 1 });
      await broker.publish({ topic: 'away', payload: 'secret' });
      await broker.publish({ topic: 'home/safe', payload: 'secret', qos: 1 });
      await broker.publish({ topic: 'home/x', payload: 'live', qos: 1 });
      await until('both', () => anna.texts().includes('live') && anna.texts().includes('retained'));
      expect(anna.texts().toSorted()).toEqual(['live', 'retained']);
      await anna.client.endAsync();
    }
    await broker.publish({ topic: 'away', payload: 'secret', qos: 1 });
    await broker.publish({ topic: 'home/x', payload: 'queued', qos: 1 });
    await using back = await connectClient(broker.tcp!.url, session);
    await until('what was queued', () => back.texts().includes('queued'));
    expect(back.texts()).toEqual(['queued']);
    await expect(back.client.subscribeAsync('away/#')).rejects.toMatchObject({ packet: { granted: [128] } });
  });

  test('a will that may not be published refuses the connection; one that may is published', async () => {
    await using broker = await startBroker({ users, acl });
    const will = (topic: string) => as('anna', { will: { topic, payload: 'gone', qos: 1, retain: false } });
    await expect(connectClient(broker.tcp!.url, will('away'))).rejects.toThrow();
    await expect(connectClient(broker.tcp!.url, will('home/+'))).rejects.toThrow();
    expect(broker.clientErrors[0].error.message).toBe('Will refused: Not allowed to publish on "away"');
    await using anna = await connectClient(broker.tcp!.url, will('home/anna'));
    anna.client.stream.destroy();
    expect((await broker.message('home/anna')).text).toBe('gone');
  });
});

const SECRET = 'a secret of at least thirty-two bytes';
const sign = (claims: Record<string, unknown>, { secret = SECRET, in: life = '1h' } = {}): Promise<string> =>
  new SignJWT({ sub: 'anna', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(life)
    .sign(new TextEncoder().encode(secret));

describe('tokens', () => {
  const jwt: JwtOptions = { secret: SECRET };

  test.each(['password', 'bearer'])('as %s', async (how) => {
    await using broker = await startBroker({ jwt });
    const token = await sign({});
    const login = how === 'password' ? { username: '', password: token } : withHeader(`Bearer ${token}`);
    await using client = await connectClient(broker.ws!.url, login);
    expect(broker.connections()[0].user).toBe('anna');
    expect(client.client.connected).toBe(true);
  });

  test('refused: signed by somebody else, expired, for somebody else, without a user, unsigned, or none', async () => {
    await using broker = await startBroker({ jwt: { ...jwt, audience: 'broker' } });
    const good = await sign({ aud: 'broker' });
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`;
    const bad = [
      await sign({ aud: 'broker' }, { secret: `${SECRET}!` }),
      await sign({ aud: 'broker' }, { in: '-1h' }),
      await sign({}),
      await sign({ aud: 'broker', sub: '' }),
      unsigned,
      'secret',
    ];
    for (const token of bad) {
      await expect(connectClient(broker.tcp!.url, { username: '', password: token }), token).rejects.toThrow();
    }
    await expect(connectClient(broker.tcp!.url, { username: 'bert', password: good })).rejects.toThrow();
    await using anna = await connectClient(broker.tcp!.url, { username: 'anna', password: good });
    expect(anna.client.connected).toBe(true);
  });

  test('bring rights: roles, or an acl of their own', async () => {
    await using broker = await startBroker({ jwt, acl: [{ user: 'anna', allow: 'all', topic: '#' }] });
    const own = await sign({ acl: { read: ['home/#'], write: ['home/%c'] } });
    await using client = await connectClient(broker.tcp!.url, { clientId: 'c1', username: '', password: own });
    await expect(client.client.subscribeAsync('away')).rejects.toThrow();
    await client.client.subscribeAsync('#');
    await client.client.publishAsync('home/c1', '1', { qos: 1 });
    await until('it', () => client.texts().includes('1'));
    client.client.publish('home/c2', '2');
    await until('it to be dropped', () => !client.client.connected);
    const malformed = await sign({ acl: { publish: ['#'] } });
    await expect(connectClient(broker.tcp!.url, { username: '', password: malformed })).rejects.toThrow();
    const viewer = await sign({ roles: ['dashboard'] });
    await using dashboard = await connectClient(broker.tcp!.url, { username: '', password: viewer });
    dashboard.client.publish('home/x', '2');
    await until('it to be dropped', () => !dashboard.client.connected);
  });

  test('end the connection when they expire', async () => {
    await using broker = await startBroker({ jwt });
    await using client = await connectClient(broker.tcp!.url, { username: '', password: await sign({}, { in: '2s' }) });
    await until('it to be dropped', () => !client.client.connected);
    expect(broker.clientErrors[0].error.message).toBe('The token has expired');
  });

  test('are checked with a public key, which is no shared secret, and with a key set', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const keyFile = await write('key.pem', pem);
    const jwks = await write('jwks.json', JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] }));
    const token = await new SignJWT({ sub: 'anna' }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);
    const forged = await sign({}, { secret: pem });
    for (const options of [{ publicKey: keyFile }, { jwks }]) {
      await using broker = await startBroker({ jwt: options });
      await using client = await connectClient(broker.tcp!.url, { username: '', password: token });
      expect(client.client.connected).toBe(true);
      await expect(connectClient(broker.tcp!.url, { username: '', password: forged })).rejects.toThrow();
    }
  });

  test.each<[JwtOptions, string]>([
    [{}, 'jwt: Expected one of secret, secretFile, publicKey and jwks'],
    [{ secret: 'short' }, 'jwt.secret: the secret has 5 bytes, and needs at least 32'],
    [{ secretFile: '/nowhere' }, 'jwt.secretFile: The file /nowhere does not exist'],
    [{ secret: SECRET, jwks: 'x' }, 'jwt: Expected one of'],
  ])('%j does not start', async (options, message) => {
    await expect(startBroker({ jwt: options })).rejects.toThrow(message);
  });
});

describe('the upgrade request', () => {
  test('Basic says who it is, as with a proxy that adds stored credentials', async () => {
    await using broker = await startBroker({ users });
    await using client = await connectClient(broker.ws!.url, withHeader(basic('anna')));
    expect(broker.connections()[0]).toMatchObject({ user: 'anna', listener: 'ws' });
    expect(client.client.connected).toBe(true);
    await expect(connectClient(broker.ws!.url, withHeader('Basic !!'))).rejects.toThrow();
  });

  test('CONNECT has to say the same, if anything', async () => {
    await using broker = await startBroker({ users });
    await using same = await connectClient(broker.ws!.url, { ...withHeader(basic('anna')), ...as('anna') });
    await using name = await connectClient(broker.ws!.url, { ...withHeader(basic('anna')), username: 'anna' });
    expect([same.client.connected, name.client.connected]).toEqual([true, true]);
    const others: FixtureOptions[] = [as('bert'), { username: 'bert' }, as('anna', { password: 'wrong' })] as object[];
    for (const other of others) {
      await expect(connectClient(broker.ws!.url, { ...withHeader(basic('anna')), ...other })).rejects.toThrow();
    }
    await expect(connectClient(broker.ws!.url, { ...withHeader(basic('nobody')), ...as('anna') })).rejects.toThrow();
  });
});

describe('TLS', () => {
  const { ca, server, device, stranger } = CERTIFICATES;
  const secure = { type: 'tls', port: 0, ...server, ca, requestCert: true } as const;
  const urls = (broker: TestBroker) => broker.endpoints.slice(-2).map(({ url }) => url);

  test('with and without WebSockets', async () => {
    await using broker = await startBroker({
      listeners: [
        { type: 'tls', port: 0, ...server },
        { type: 'wss', port: 0, ...server },
      ],
    });
    expect(urls(broker)).toEqual([
      expect.stringMatching(/^mqtts:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^wss:\/\/127\.0\.0\.1:\d+\/mqtt$/),
    ]);
    for (const url of urls(broker)) {
      await using client = await connectClient(url, { ca });
      await client.client.subscribeAsync('t');
      await client.client.publishAsync('t', 'x'.repeat(300_000), { qos: 1 });
      await until('it', () => client.deliveries.length === 1);
      await expect(connectClient(url)).rejects.toThrow();
    }
  });

  test('a client certificate says who it is, on a listener that asks for one', async () => {
    await using broker = await startBroker({
      listeners: [secure, { ...secure, type: 'wss' }],
      acl: [{ user: 'sensor-7', allow: 'all', topic: 'sensors/%u' }],
    });
    for (const url of urls(broker)) {
      await using client = await connectClient(url, { ca, ...device, username: 'sensor-7' });
      expect(broker.connections()[0].user).toBe('sensor-7');
      await client.client.subscribeAsync('sensors/sensor-7');
      await expect(connectClient(url, { ca, ...device, username: 'anna' })).rejects.toThrow();
      await expect(connectClient(url, { ca })).rejects.toThrow();
      await expect(connectClient(url, { ca, ...stranger })).rejects.toThrow();
    }
  });

  test.each([
    [{ cert: '/nowhere.pem' }, 'cert: The file /nowhere.pem does not exist'],
    [{ key: device.key }, 'Certificate and key cannot be used together'],
    [{ ca: undefined }, 'requestCert needs ca'],
  ])('%j does not start', async (wrong, message) => {
    await expect(startBroker({ listeners: [{ ...secure, ...wrong }] })).rejects.toThrow(message);
  });
});

describe('reload', () => {
  test('drops who may not stay, and asks afresh what the others may', async () => {
    const file = await write('users2', `anna:${hashes.anna}\nbert:${hashes.bert}\nviewer:${hashes.viewer}\n`);
    const rules = await write('acl2', 'everyone\ntopic readwrite #\n');
    await using broker = await startBroker({ users: file, acl: rules });
    await using anna = await connectClient(broker.tcp!.url, as('anna'));
    await using bert = await connectClient(broker.tcp!.url, as('bert'));
    await using viewer = await connectClient(broker.tcp!.url, as('viewer'));
    await bert.client.subscribeAsync('#');
    await write('users2', `bert:${hashes.bert}\nviewer:${hashes.root}\n`);
    await write('acl2', 'everyone\ntopic readwrite home/#\n');
    await broker.reload();
    await until('anna and viewer to go', () => !anna.client.connected && !viewer.client.connected);
    expect(bert.client.connected).toBe(true);
    await broker.publish({ topic: 'away', payload: 'no' });
    await bert.client.publishAsync('home/x', 'yes', { qos: 1 });
    await until('it', () => bert.deliveries.length > 0);
    expect(bert.texts()).toEqual(['yes']);
  });

  test('closes $SYS to who is no admin any more', async () => {
    const file = await write('users4', `root:${hashes.root}:admin\n`);
    await using broker = await startBroker({ users: file });
    await using root = await connectClient(broker.tcp!.url, as('root'));
    await root.client.subscribeAsync(['$SYS/+/new/clients', 'mark']);
    await write('users4', `root:${hashes.root}\nanna:${hashes.anna}\n`);
    await broker.reload();
    await using newcomer = await connectClient(broker.tcp!.url, as('anna'));
    await newcomer.client.publishAsync('mark', 'mark', { qos: 1 });
    await until('the mark', () => root.texts().includes('mark'));
    expect(root.texts()).toEqual(['mark']);
  });

  test('that cannot be read leaves everything as it was', async () => {
    const file = await write('users3', `anna:${hashes.anna}\n`);
    await using broker = await startBroker({ users: file });
    await using anna = await connectClient(broker.tcp!.url, as('anna'));
    await write('users3', 'anna');
    await expect(broker.reload()).rejects.toThrow(`users: ${file}: line 1: User anna has no valid password hash`);
    expect(anna.client.connected).toBe(true);
  });

  test('gives new connections the new certificate', async () => {
    const { ca, server, server2 } = CERTIFICATES;
    const cert = await write('cert.pem', server.cert);
    const key = await write('cert.key', server.key);
    await using broker = await startBroker({ listeners: [{ type: 'tls', port: 0, cert, key }] });
    const { url } = broker.endpoints.at(-1)!;
    const serial = async (): Promise<string> => {
      await using client = await connectClient(url, { ca });
      return (
        client.client.stream as unknown as { getPeerCertificate(): { serialNumber: string } }
      ).getPeerCertificate().serialNumber;
    };
    const before = await serial();
    await write('cert.pem', server2.cert);
    await write('cert.key', server2.key);
    expect(await serial()).toBe(before);
    await broker.reload();
    expect(await serial()).not.toBe(before);
  });
});
