import { expect, test } from 'vitest';
import { until } from '../testing/clients';
import { Marks } from './marks';
import { Outages } from './outages';
import { MAX_REQUESTS, MAX_REQUESTS_PER_CLIENT, RequestHandler, type Requester } from './request-handler';
import { HistoryStore } from './store';
import type { Part } from '../testing/history-client';

const LIMITS = { age: 60, messages: 100, bytes: 1 << 20, topics: 10 };
const REQUEST = Buffer.from('{"v":1,"filters":["#"],"from":0}');

interface TestReader extends Requester {
  sent: Array<[topic: string, part: Part]>;
  /** Resolves the last send: true when the client has read the part, false when it has disconnected. */
  resolveSend: (there: boolean) => void;
}

/** A client that reads a part only when the test says so. */
function frozenReader(): TestReader {
  const reader: TestReader = {
    sent: [],
    resolveSend: () => {},
    grantedFilter: (filter) => Promise.resolve(filter),
    mayRead: () => true,
    send: (topic, message) => {
      reader.sent.push([topic, JSON.parse(message) as Part]);
      return new Promise((resolve) => {
        reader.resolveSend = resolve;
      });
    },
  };
  return reader;
}

function historianOf(store: HistoryStore, onError: (error: Error) => void = () => {}): RequestHandler {
  const historian = { run: 'run', marks: new Marks(), outages: new Outages(), markTopic: () => 'mark' };
  return new RequestHandler(store, ['#'], historian, () => 1, onError);
}

test('the requests of a client, and of all clients, are limited, and make room when a client disconnects', async () => {
  const historian = historianOf(new HistoryStore(LIMITS));
  const clients = Array.from({ length: Math.ceil(MAX_REQUESTS / MAX_REQUESTS_PER_CLIENT) + 1 }, frozenReader);
  const too: string[] = [];
  for (const client of clients) {
    for (let n = 0; n <= MAX_REQUESTS_PER_CLIENT; n += 1) {
      historian.handle(client, client, `response ${n}`, REQUEST);
    }
  }
  await until('the first responses', () => clients.slice(0, 30).every(({ sent }) => sent.length === 2));
  for (const { sent } of clients) {
    too.push(...sent.map(([, { error }]) => error?.code ?? '').filter((code) => code !== ''));
  }
  expect(historian.open).toBe(MAX_REQUESTS);
  expect(new Set(too)).toEqual(new Set(['too-many-requests']));
  expect(too).toHaveLength(clients.length * (MAX_REQUESTS_PER_CLIENT + 1) - MAX_REQUESTS);
  clients[0].resolveSend(false);
  await until('room', () => historian.open === MAX_REQUESTS - MAX_REQUESTS_PER_CLIENT);
  const late = frozenReader();
  historian.handle(late, late, 'late', REQUEST);
  await until('its response', () => late.sent.length === 1);
  expect(late.sent[0][1]).toMatchObject({ done: true });
  expect(clients[0].sent.filter(([, { done }]) => done)).toHaveLength(1);
});

test('a client receives the next part once it has read the last one, one response after the other', async () => {
  const store = new HistoryStore(LIMITS);
  for (let n = 0; n < 10; n += 1) {
    store.append('a', Buffer.from(String(n).repeat(30_000)), false);
  }
  const historian = historianOf(store);
  const client = frozenReader();
  historian.handle(client, client, 'one', REQUEST);
  historian.handle(client, client, 'two', REQUEST);
  const order: string[] = [];
  for (let n = 1; n <= 10; n += 1) {
    await until('a part', () => client.sent.length === n);
    const [topic, { part }] = client.sent[n - 1];
    order.push(`${topic} ${part}`);
    client.resolveSend(true);
  }
  expect(order).toEqual([0, 1, 2, 3, 4].map((n) => `one ${n}`).concat([0, 1, 2, 3, 4].map((n) => `two ${n}`)));
  await until('the end', () => historian.open === 0);
});

test('messages evicted during a slow response are missing in it, and it says that it is truncated', async () => {
  const store = new HistoryStore(LIMITS);
  const append = (from: number, to: number): void => {
    for (let n = from; n < to; n += 1) {
      store.append('a', Buffer.from(`${n} ${'x'.repeat(5_000)}`), false);
    }
  };
  append(0, 100);
  const historian = historianOf(store);
  const client = frozenReader();
  historian.handle(client, client, 'slow', REQUEST);
  await until('the first part', () => client.sent.length === 1);
  // All of the rows that are left of it but 20
  append(100, 180);
  while (!client.sent.at(-1)?.[1].done) {
    const { length } = client.sent;
    client.resolveSend(true);
    await until('the next part', () => client.sent.length > length);
  }
  const numbers = client.sent
    .flatMap(([, { topics = [] }]) => topics.flatMap(({ payloads }) => payloads))
    .map((payload) => Number.parseInt(payload as string, 10));
  const gap = numbers.findIndex((n, index) => n !== index);
  expect(gap).toBeGreaterThan(5);
  expect(numbers.slice(gap)).toEqual(Array.from({ length: 20 }, (_, n) => 80 + n));
  expect(client.sent.at(-1)?.[1]).toMatchObject({ done: true, truncated: true });
});

test('a response that reaches back to an evicted topic is truncated, a later one is not', async () => {
  let now = 1_000;
  const store = new HistoryStore({ ...LIMITS, topics: 1 }, () => now);
  store.append('a', Buffer.from('1'), false);
  now = 2_000;
  store.append('b', Buffer.from('2'), false);
  const historian = historianOf(store);
  const client = frozenReader();
  for (const from of [1_000, 1_001]) {
    historian.handle(client, client, String(from), Buffer.from(`{"v":1,"filters":["#"],"from":${from}}`));
    await until('the response', () => client.sent.at(-1)?.[0] === String(from));
    expect(client.sent.at(-1)?.[1]).toMatchObject({ truncated: from === 1_000, topics: [{ topic: 'b' }] });
    client.resolveSend(true);
  }
});

test('an internal error is reported with its reason, and sent to the client without it', async () => {
  const errors: string[] = [];
  const historian = historianOf(new HistoryStore(LIMITS), ({ message }) => errors.push(message));
  const client = { ...frozenReader(), grantedFilter: () => Promise.reject(new Error('the rules are missing')) };
  historian.handle(client, client, 'response', REQUEST);
  await until('the response', () => client.sent.length === 1);
  expect(client.sent[0][1].error).toEqual({
    code: 'internal-error',
    message: "Internal error; the historian's log has the reason",
  });
  expect(errors).toEqual(['A history request failed: the rules are missing']);
  expect(historian.open).toBe(0);
});

test('a closed historian sends no more parts', async () => {
  const historian = historianOf(new HistoryStore(LIMITS));
  const client = frozenReader();
  historian.handle(client, client, 'one', REQUEST);
  historian.handle(client, client, 'two', REQUEST);
  await until('the first', () => client.sent.length === 1);
  historian.close();
  client.resolveSend(true);
  await until('all to end', () => historian.open === 0);
  expect(client.sent).toHaveLength(1);
});

test('a request that the broker delivers twice is answered once; another one with the same id replaces it', async () => {
  const store = new HistoryStore(LIMITS);
  const historian = historianOf(store);
  const client = frozenReader();
  historian.handle(client, client, 'one', REQUEST);
  historian.handle(client, client, 'one', REQUEST);
  await until('the response', () => client.sent.length === 1);
  expect(historian.requests).toBe(1);
  historian.handle(client, client, 'one', Buffer.from('{"v":1,"filters":["a"],"from":0}'));
  client.resolveSend(true);
  await until('the other response', () => client.sent.length === 2);
  expect(historian.requests).toBe(2);
});
