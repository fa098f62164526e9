import { describe, expect, test } from 'vitest';
import { Rights, type AclRule } from './acl';
import { parseAcl } from './acl-file';
import { hashPassword, parseHash } from './password';
import { LoginThrottle } from './throttle';
import { BusyError, nameFault, parseUsers, PasswordChecker, withUser, type User } from './users';

const anna = { user: 'anna', roles: [], clientId: 'phone' };

describe('rules', () => {
  const rules: AclRule[] = [
    { user: 'anna', allow: 'readwrite', topic: 'home/#' },
    { deny: 'all', topic: 'home/safe/#' },
    { allow: 'write', topic: 'by/%u/%c' },
    { role: 'guest', allow: 'read', topic: 'public/+' },
    { client: 'sensor-*', allow: 'write', topic: 'sensors/%c' },
    { anonymous: true, allow: 'read', topic: 'welcome' },
  ];

  test('what is allowed, and not more', () => {
    const rights = new Rights(rules, anna);
    expect(rights.mayRead('home/kitchen')).toBe(true);
    expect(rights.mayWrite('home/kitchen')).toBe(true);
    expect(rights.mayRead('away')).toBe(false);
    expect(rights.mayWrite('public/x')).toBe(false);
    expect(rights.mayRead('welcome')).toBe(false);
    expect(rights.mayRead('$SYS/x')).toBe(false);
  });

  test('what denies wins, wherever it stands', () => {
    for (const order of [rules, rules.toReversed()]) {
      const rights = new Rights(order, anna);
      expect(rights.mayRead('home/safe/code')).toBe(false);
      expect(rights.mayWrite('home/safe')).toBe(false);
      expect(rights.maySubscribe('home/safe/#')).toBe(false);
      expect(rights.maySubscribe('home/#')).toBe(true);
    }
  });

  test('%u and %c are filled in, unless they would widen the rule', () => {
    expect(new Rights(rules, anna).mayWrite('by/anna/phone')).toBe(true);
    expect(new Rights(rules, anna).mayWrite('by/bert/phone')).toBe(false);
    for (const name of ['+', '#', 'a/b', '']) {
      const rights = new Rights([{ allow: 'all', topic: 'by/%u/#' }], { ...anna, user: name });
      expect(rights.mayWrite('by/anna/x')).toBe(false);
      expect(rights.mayWrite(`by/${name}/x`)).toBe(false);
    }
    expect(new Rights(rules, { ...anna, user: undefined }).mayWrite('by/undefined/phone')).toBe(false);
    // Dollar signs mean nothing here
    expect(new Rights([{ allow: 'write', topic: 'x/%u' }], { ...anna, user: '$&' }).mayWrite('x/$&')).toBe(true);
  });

  test('a rule that denies is not got round by a name', () => {
    const rules: AclRule[] = [
      { allow: 'all', topic: '#' },
      { deny: 'all', topic: 'secret/%u/x' },
    ];
    for (const name of ['+', '#', 'a/b']) {
      const rights = new Rights(rules, { ...anna, user: name });
      expect(rights.mayRead('secret/a/b/x')).toBe(false);
      expect(rights.maySubscribe('secret/#')).toBe(false);
      expect(rights.mayRead('open/x')).toBe(true);
    }
    expect(new Rights(rules, anna).mayRead('secret/anna/x')).toBe(false);
    expect(new Rights(rules, anna).mayRead('secret/bert/x')).toBe(true);
  });

  test('roles, client ids, and clients without a user', () => {
    expect(new Rights(rules, { ...anna, roles: ['guest'] }).mayRead('public/x')).toBe(true);
    expect(new Rights(rules, { ...anna, clientId: 'sensor-7' }).mayWrite('sensors/sensor-7')).toBe(true);
    expect(new Rights(rules, { ...anna, clientId: 'xsensor-7' }).mayWrite('sensors/xsensor-7')).toBe(false);
    expect(new Rights(rules, { user: undefined, roles: [], clientId: 'x' }).mayRead('welcome')).toBe(true);
  });

  test.each([
    ['a*b', 'ab', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*', '', true],
    ['ab*bc', 'abc', false],
  ])('client %s is like %s: %s', (pattern, clientId, expected) => {
    expect(new Rights([{ client: pattern, allow: 'read', topic: 't' }], { ...anna, clientId }).mayRead('t')).toBe(
      expected
    );
  });

  test('a filter may be asked for when something in it may be read', () => {
    const rights = new Rights(rules, anna);
    expect(['#', 'home/+', '+/kitchen', 'away/#', '$SYS/#'].map((filter) => rights.maySubscribe(filter))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('subscribe rules narrow that', () => {
    const rights = new Rights([...rules, { user: 'anna', allow: 'subscribe', topic: 'home/+' }], anna);
    expect(['#', 'home/#', 'home/+', 'home/x'].map((filter) => rights.maySubscribe(filter))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('decisions are remembered within bounds', () => {
    const rights = new Rights(rules, anna);
    for (let n = 0; n < 5_000; n += 1) {
      expect(rights.mayRead(`home/${n}`)).toBe(true);
    }
    expect(rights.mayRead('home/safe/x')).toBe(false);
  });
});

describe('the ACL file', () => {
  test('is read as mosquitto does, and more', () => {
    const text = [
      '# comment',
      'topic read public/#',
      '',
      'user anna smith',
      'topic home/living room/#',
      'topic deny home/safe/#',
      'pattern write sensors/%u/#',
      'role guest',
      'topic subscribe public/+',
      'everyone',
      '  topic write inbox  ',
    ].join('\r\n');
    expect(parseAcl(text)).toEqual([
      { anonymous: true, allow: 'read', topic: 'public/#' },
      { user: 'anna smith', allow: 'readwrite', topic: 'home/living room/#' },
      { user: 'anna smith', deny: 'all', topic: 'home/safe/#' },
      { allow: 'write', topic: 'sensors/%u/#' },
      { role: 'guest', allow: 'subscribe', topic: 'public/+' },
      { allow: 'write', topic: 'inbox' },
    ]);
  });

  test('runs of blanks within a name or topic stay, as in mosquitto', () => {
    const text = 'user  anna   smith \ntopic   read   home/living  room/#  \ntopic  a   b\npattern\twrite\tx/  %u/#';
    expect(parseAcl(text)).toEqual([
      { user: 'anna   smith', allow: 'read', topic: 'home/living  room/#' },
      { user: 'anna   smith', allow: 'readwrite', topic: 'a   b' },
      { allow: 'write', topic: 'x/  %u/#' },
    ]);
  });

  test.each([
    ['user', 'line 1: Expected a name after user'],
    ['\ntopik read a', 'line 2: Expected user, role, client'],
    ['topic read a+', 'line 1: Topic filter "a+" has + next to other characters'],
    ['topic', 'line 1: Topic filter "" is empty'],
  ])('%j is refused', (text, message) => {
    expect(() => parseAcl(text)).toThrow(message);
  });
});

describe('passwords', () => {
  test('scrypt: the right one is right, and salts differ', async () => {
    const [one, other] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);
    expect(one).not.toBe(other);
    expect(await parseHash(one)?.verify(Buffer.from('secret'))).toBe(true);
    expect(await parseHash(one)?.verify(Buffer.from('Secret'))).toBe(false);
  });

  test('as mosquitto_passwd writes them', async () => {
    const hash =
      '$7$101$c2FsdHNhbHRzYWx0$6njpoWqN0ilGe9tJV8B7/6KtTjP2MFV0uMNHtxyKEiJsfjdYI0XLwEd5uX4QXMKzuHyR8cCKL3PI8r9JzTxZJA==';
    const { pbkdf2Sync } = await import('node:crypto');
    const made = `$7$101$c2FsdHNhbHRzYWx0$${pbkdf2Sync('secret', 'saltsaltsalt', 101, 64, 'sha512').toString('base64')}`;
    expect(await parseHash(made)?.verify(Buffer.from('secret'))).toBe(true);
    expect(await parseHash(hash)?.verify(Buffer.from('wrong'))).toBe(false);
  });

  test('as mosquitto_passwd before 2.0 wrote them, and still does with -H sha512', async () => {
    const hash = parseHash(
      '$6$kq5P2pnF4p1f4WAp$knNoknGXVvr06yFvbfiZwC4dPrC2YkIfDDQxD2V4A0FGKpBNiYeEEBtsaLwH8IoUKQAoMtjwi0d/gAfDe0j3tg=='
    );
    expect(await hash?.verify(Buffer.from('secret'))).toBe(true);
    expect(await hash?.verify(Buffer.from('Secret'))).toBe(false);
  });

  test.each([
    '',
    'secret',
    '$scrypt$',
    '$scrypt$ln=30,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA',
    '$6$a$b',
    '$6$$AA',
    '$6$AAAA$AAAA$AAAA',
    '$7$0$AA$AA',
    '$7$1$AA$AA',
  ])('%j is no hash', (text) => {
    expect(parseHash(text)).toBeUndefined();
  });

  const userWith = (verify: (password: Buffer) => Promise<boolean>): User => ({
    name: 'anna',
    hash: 'h',
    roles: [],
    password: { verify },
  });

  test('a few are checked at a time, a right one only once, and too many are refused', async () => {
    const checker = new PasswordChecker();
    let running = 0;
    let most = 0;
    let checks = 0;
    const user = userWith(async () => {
      checks += 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return true;
    });
    const results = await Promise.allSettled(
      Array.from({ length: 2_100 }, (_, n) => checker.check(user, Buffer.from(String(n))))
    );
    expect(most).toBe(2);
    expect(
      results
        .filter(({ status }) => status === 'rejected')
        .map((each) => (each as PromiseRejectedResult).reason as unknown)
    ).toEqual(Array.from({ length: 98 }, () => expect.any(BusyError) as BusyError));
    const before = checks;
    expect(await checker.check(user, Buffer.from('5'))).toBe(true);
    expect(checks).toBe(before);
    // Another hash is another password
    expect(checker.knows({ ...user, hash: 'other' }, Buffer.from('5'))).toBe(false);
  });
});

describe('the users file', () => {
  test('is read and written line by line', async () => {
    const hash = await hashPassword('x');
    let text = withUser('', 'anna', hash, ['dashboard']);
    text = withUser(`# ours\n${text}`, 'bert', hash);
    expect(text).toBe(`# ours\nanna:${hash}:dashboard\nbert:${hash}\n`);
    expect(parseUsers(text).get('anna')?.roles).toEqual(['dashboard']);
    expect(withUser(text, 'anna', hash, [])).toBe(`# ours\nanna:${hash}\nbert:${hash}\n`);
    expect(withUser(text, 'anna', undefined)).toBe(`# ours\nbert:${hash}\n`);
    expect(parseUsers(withUser('', '__proto__', hash)).get('__proto__')?.name).toBe('__proto__');
  });

  test.each([
    ['anna', /line 1: User anna has no valid password hash; set the password with: npm run broker -- passwd FILE anna/],
    ['\nanna:secret', /line 2: User anna has no valid password hash/],
    [':x', /line 1: Expected name:hash/],
  ])('%j is refused', (text, message) => {
    expect(() => parseUsers(text)).toThrow(message);
  });

  test('one user twice is refused', async () => {
    const line = `anna:${await hashPassword('x')}`;
    expect(() => parseUsers(`${line}\n${line}`)).toThrow('line 2: User anna has two lines; remove one of them');
  });

  test.each(['', ' a', 'a ', 'a:b', '#a', 'a\nb'])('%j is no name', (name) => {
    expect(nameFault(name)).toBeDefined();
  });
});

describe('the login throttle', () => {
  test('waits longer after each failure beyond the third, for the user more than for the address, and forgets', () => {
    let now = 0;
    const throttle = new LoginThrottle({ now: () => now });
    const delays = Array.from({ length: 9 }, () => {
      const delay = throttle.delay('a', 'anna');
      throttle.failed('a', 'anna');
      return delay;
    });
    expect(delays).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 5_000]);
    expect(throttle.delay('a', 'bert')).toBe(1_000);
    expect(throttle.delay('b', 'anna')).toBe(5_000);
    expect(throttle.delay('b', 'bert')).toBe(0);
    now += 30_000 * 9;
    expect(throttle.delay('a', 'anna')).toBe(0);
  });

  test('keeps memory bounded, and lets only so many of an address wait', async () => {
    let go: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const throttle = new LoginThrottle({ now: () => 0, sleep: () => gate });
    for (let n = 0; n < 50_000; n += 1) {
      throttle.failed(`address ${n % 10}`, `user ${n}`);
    }
    expect(throttle.delay('x', 'user 1')).toBe(0);
    expect(throttle.delay('address 1', '')).toBe(1_000);
    const waits = Array.from({ length: 150 }, () => throttle.wait('address 1', 'x'));
    go();
    const admitted = await Promise.all(waits);
    expect(admitted.filter(Boolean)).toHaveLength(100);
    expect(await throttle.wait('address 1', 'x')).toBe(true);
  });
});
