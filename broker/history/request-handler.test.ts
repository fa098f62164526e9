import { expect, test } from 'vitest';
import { until } from '../testing/clients';
import { MAX_REQUESTS, MAX_REQUESTS_PER_CLIENT, RequestHandler, type Requester } from './request-handler';
import { HistoryStore } from './store';
import type { Part } from '../testing/history-client';

const LIMITS = { age: 60, messages: 100, bytes: 1 << 20, topics: 10 };
const ASK = Buffer.from('{"v":1,"filters":["#"],"from":0}');

interface TestReader extends Requester {
  said: Array<[topic: string, part: Part]>;
  /** Takes what was sent last; false when the client is gone. */
  taken: (there: boolean) => void;
}

/** A client that takes nothing until it is told to. */
function frozenReader(): TestReader {
  const reader: TestReader = {
    said: [],
    taken: () => {},
    grantedFilter: (filter) => Promise.resolve(filter),
    mayRead: () => true,
    send: (topic, message) => {
      reader.said.push([topic, JSON.parse(message) as Part]);
      return new Promise((resolve) => {
        reader.taken = resolve;
      });
    },
  };
  return reader;
}

function historianOf(store: HistoryStore, onFault: (error: Error) => void = () => {}): RequestHandler {
  return new RequestHandler(store, ['#'], () => 1, onFault);
}

test('the asks of a client, and those of all together, are bounded, and make room when a client leaves', async () => {
  const historian = historianOf(new HistoryStore(LIMITS));
  const clients = Array.from({ length: Math.ceil(MAX_REQUESTS / MAX_REQUESTS_PER_CLIENT) + 1 }, frozenReader);
  const too: string[] = [];
  for (const client of clients) {
    for (let n = 0; n <= MAX_REQUESTS_PER_CLIENT; n += 1) {
      historian.handle(client, client, `answer ${n}`, ASK);
    }
  }
  await until('the first answers', () => clients.slice(0, 30).every(({ said }) => said.length === 2));
  for (const { said } of clients) {
    too.push(...said.map(([, { error }]) => error?.code ?? '').filter((code) => code !== ''));
  }
  expect(historian.open).toBe(MAX_REQUESTS);
  expect(new Set(too)).toEqual(new Set(['too-many-requests']));
  expect(too).toHaveLength(clients.length * (MAX_REQUESTS_PER_CLIENT + 1) - MAX_REQUESTS);
  clients[0].taken(false);
  await until('room', () => historian.open === MAX_REQUESTS - MAX_REQUESTS_PER_CLIENT);
  const late = frozenReader();
  historian.handle(late, late, 'late', ASK);
  await until('its answer', () => late.said.length === 1);
  expect(late.said[0][1]).toMatchObject({ done: true });
  expect(clients[0].said.filter(([, { done }]) => done)).toHaveLength(1);
});

test('a client is told the next part when it has taken the last one, one answer after the other', async () => {
  const store = new HistoryStore(LIMITS);
  for (let n = 0; n < 10; n += 1) {
    store.append('a', Buffer.from(String(n).repeat(30_000)), false);
  }
  const historian = historianOf(store);
  const client = frozenReader();
  historian.handle(client, client, 'one', ASK);
  historian.handle(client, client, 'two', ASK);
  const order: string[] = [];
  for (let n = 1; n <= 10; n += 1) {
    await until('a part', () => client.said.length === n);
    const [topic, { part }] = client.said[n - 1];
    order.push(`${topic} ${part}`);
    client.taken(true);
  }
  expect(order).toEqual([0, 1, 2, 3, 4].map((n) => `one ${n}`).concat([0, 1, 2, 3, 4].map((n) => `two ${n}`)));
  await until('the end', () => historian.open === 0);
});

test('what is thrown away while its answer is slow is missing there, and the answer says that it is truncated', async () => {
  const store = new HistoryStore(LIMITS);
  const append = (from: number, to: number): void => {
    for (let n = from; n < to; n += 1) {
      store.append('a', Buffer.from(`${n} ${'x'.repeat(5_000)}`), false);
    }
  };
  append(0, 100);
  const historian = historianOf(store);
  const client = frozenReader();
  historian.handle(client, client, 'slow', ASK);
  await until('the first part', () => client.said.length === 1);
  // All of the rows that are left of it but 20
  append(100, 180);
  while (!client.said.at(-1)?.[1].done) {
    const { length } = client.said;
    client.taken(true);
    await until('the next part', () => client.said.length > length);
  }
  const numbers = client.said
    .flatMap(([, { topics = [] }]) => topics.flatMap(({ payloads }) => payloads))
    .map((payload) => Number.parseInt(payload as string, 10));
  const gap = numbers.findIndex((n, index) => n !== index);
  expect(gap).toBeGreaterThan(5);
  expect(numbers.slice(gap)).toEqual(Array.from({ length: 20 }, (_, n) => 80 + n));
  expect(client.said.at(-1)?.[1]).toMatchObject({ done: true, truncated: true });
});

test('an answer that reaches back to a topic that was thrown away is truncated, a later one is not', async () => {
  let now = 1_000;
  const store = new HistoryStore({ ...LIMITS, topics: 1 }, () => now);
  store.append('a', Buffer.from('1'), false);
  now = 2_000;
  store.append('b', Buffer.from('2'), false);
  const historian = historianOf(store);
  const client = frozenReader();
  for (const from of [1_000, 1_001]) {
    historian.handle(client, client, String(from), Buffer.from(`{"v":1,"filters":["#"],"from":${from}}`));
    await until('the answer', () => client.said.at(-1)?.[0] === String(from));
    expect(client.said.at(-1)?.[1]).toMatchObject({ truncated: from === 1_000, topics: [{ topic: 'b' }] });
    client.taken(true);
  }
});

test('a fault is told to who runs it in words, and to who asks without', async () => {
  const faults: string[] = [];
  const historian = historianOf(new HistoryStore(LIMITS), ({ message }) => faults.push(message));
  const client = { ...frozenReader(), grantedFilter: () => Promise.reject(new Error('the rules are gone')) };
  historian.handle(client, client, 'answer', ASK);
  await until('the answer', () => client.said.length === 1);
  expect(client.said[0][1].error).toEqual({
    code: 'internal-error',
    message: 'The historian failed; its log says why',
  });
  expect(faults).toEqual(['An ask for history was not answered: the rules are gone']);
  expect(historian.open).toBe(0);
});

test('a historian that is closed says no more', async () => {
  const historian = historianOf(new HistoryStore(LIMITS));
  const client = frozenReader();
  historian.handle(client, client, 'one', ASK);
  historian.handle(client, client, 'two', ASK);
  await until('the first', () => client.said.length === 1);
  historian.close();
  client.taken(true);
  await until('all to end', () => historian.open === 0);
  expect(client.said).toHaveLength(1);
});
