import { Aedes, type Client } from 'aedes';
import { describe, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../fixture';
import { AedesAdapter } from '../history/aedes-adapter';
import { DEFAULT_LIMITS } from '../limits';
import { LimitReports } from '../storage/limit-reports';
import { SessionPersistence } from '../storage/memory/persistence';
import { connectClient, until } from '../testing/clients';
import { internals } from './internals';
import { applyClientPatches, applyPatches, PATCHES, type PatchContext } from './patches';

const history = new AedesAdapter({ filters: ['#'] }, Date.now, () => {});
const CONTEXT: PatchContext = {
  limits: DEFAULT_LIMITS,
  limitReports: new LimitReports(DEFAULT_LIMITS, () => {}),
  sharedStore: undefined,
  granted: new WeakMap(),
  history: {
    attach: (aedes) =>
      history.attach(aedes, {
        grantedFilter: () => Promise.resolve(undefined),
        mayRead: () => true,
        userOf: () => undefined,
      }),
  },
};

async function start(): Promise<Aedes & AsyncDisposable> {
  const aedes = await Aedes.createBroker({ persistence: new SessionPersistence() as never });
  return Object.assign(aedes, {
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        aedes.close(resolve);
      }),
  });
}

/** All methods of an object and of its prototypes, by name behind a prefix. */
function methodsOf(target: object, prefix: string): Map<string, unknown> {
  const methods = new Map<string, unknown>();
  for (let at: object | null = target; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && !methods.has(prefix + name)) {
        methods.set(prefix + name, value);
      }
    }
  }
  return methods;
}

function allMethods(aedes: Aedes): Map<string, unknown> {
  const { persistence, mq } = internals(aedes);
  return new Map([...methodsOf(aedes, ''), ...methodsOf(persistence, 'persistence.'), ...methodsOf(mq, 'mq.')]);
}

function changed(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  return [...after].flatMap(([name, method]) => (before.get(name) === method ? [] : [name])).toSorted();
}

const ofBroker = (names: readonly string[]): string[] => names.filter((name) => !name.startsWith('client.')).toSorted();
const ofClient = (names: readonly string[]): string[] => names.filter((name) => name.startsWith('client.')).toSorted();

/** A client as Aedes makes it, as far as patches touch one. */
const newClient = (): Client =>
  ({
    deliver0: () => {},
    deliverQoS: () => {},
    conn: { readDirectly: () => {} },
    _parser: { parse: () => 0 },
  }) as unknown as Client;

function methodsOfClient(client: Client): Map<string, unknown> {
  const { _parser: parser } = client as Client & { _parser: object };
  return new Map([...methodsOf(client, 'client.'), ...methodsOf(parser, 'client._parser.')]);
}

test('each patch replaces the methods that it says, and no others', async () => {
  await using aedes = await start();
  for (const { name, replaces, apply, applyToClient } of PATCHES) {
    const before = allMethods(aedes);
    apply?.(aedes, CONTEXT);
    expect(changed(before, allMethods(aedes)), name).toEqual(ofBroker(replaces));

    const client = newClient();
    const clientBefore = methodsOfClient(client);
    applyToClient?.(client);
    expect(changed(clientBefore, methodsOfClient(client)), name).toEqual(ofClient(replaces));
  }
});

test('all patches are applied in the order of the list', async () => {
  await using aedes = await start();
  const { persistence, mq } = internals(aedes);
  const assigned: string[] = [];
  for (const path of new Set(PATCHES.flatMap(({ replaces }) => ofBroker(replaces)))) {
    const [owner, name] = path.includes('.') ? path.split('.') : ['', path];
    const target = (owner === 'persistence' ? persistence : owner === 'mq' ? mq : aedes) as unknown as Record<
      string,
      unknown
    >;
    let method = target[name];
    Object.defineProperty(target, name, {
      configurable: true,
      get: () => method,
      set: (value: unknown) => {
        assigned.push(path);
        method = value;
      },
    });
  }
  applyPatches(aedes, CONTEXT);
  const listed = PATCHES.flatMap(({ replaces }) => ofBroker(replaces));
  // Within a patch, the order of assignments does not matter.
  const grouped = PATCHES.flatMap(({ replaces }) => assigned.splice(0, ofBroker(replaces).length).toSorted());
  expect(grouped).toEqual(listed);
  expect(assigned).toEqual([]);
});

test('clients get their patches in the order of the list', () => {
  const client = newClient();
  const before = methodsOfClient(client);
  applyClientPatches(client);
  expect(changed(before, methodsOfClient(client))).toEqual(ofClient(PATCHES.flatMap(({ replaces }) => replaces)));
});

test('a patch stands behind the patches that it names, and says why it wraps a method that another one replaced', () => {
  for (const [index, { name, replaces, after = {} }] of PATCHES.entries()) {
    const earlier = PATCHES.slice(0, index);
    expect(
      earlier.map((patch) => patch.name),
      name
    ).toEqual(expect.arrayContaining(Object.keys(after)));
    for (const method of replaces) {
      const wrapped = earlier.findLast((patch) => patch.replaces.includes(method));
      if (wrapped) {
        expect(Object.keys(after), `${name} wraps ${method} of ${wrapped.name}`).toContain(wrapped.name);
      }
    }
  }
});

test('the store replaces publish before the patches', async () => {
  await using aedes = await start();
  const prototype = methodsOf(Aedes.prototype, '');
  expect(changed(prototype, methodsOf(aedes, ''))).toContain('publish');
});

describe('the order of the patches of the queue', () => {
  const leave = async (
    broker: TestBroker,
    clientId: string,
    filters: Record<string, { qos: 1 | 2 }>
  ): Promise<void> => {
    await using client = await connectClient(broker.tcp!.url, { clientId, clean: false });
    await client.client.subscribeAsync(filters);
  };

  test('a message that waits for an earlier one is queued at both QoS (queue-once before delivery-order)', async () => {
    await using broker = await startBroker();
    await leave(broker, 'one', { '#': { qos: 1 } });
    await leave(broker, 'two', { '#': { qos: 2 } });
    await Promise.all([
      broker.publish({ topic: 'a', payload: 'retained', qos: 2, retain: true }),
      broker.publish({ topic: 'a', payload: 'not retained', qos: 2 }),
    ]);
    for (const clientId of ['one', 'two']) {
      await using back = await connectClient(broker.tcp!.url, { clientId, clean: false });
      await until('both', () => back.deliveries.length === 2);
      expect(back.texts(), clientId).toEqual(['retained', 'not retained']);
    }
  });

  test('a message for overlapping filters counts once (storage-limits before queue-once)', async () => {
    await using broker = await startBroker({ limits: { queueTotal: 1 } });
    await leave(broker, 'one', { 'a/#': { qos: 1 }, 'a/+': { qos: 1 } });
    await broker.publish({ topic: 'a/b', payload: '', qos: 1 });
    expect(broker.stats()).toMatchObject({ queuedMessages: 1, queueDropped: 0 });
  });
});
