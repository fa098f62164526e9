import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openClient, type Client, type Login } from './client';
import { acknowledge, clock, publisher, readPublish, subscribe } from './wire';

export interface LoadOptions extends Login {
  url: string;
  /** Number of subscribers; each receives every message. */
  subscribers: number;
  publishers: number;
  /** Messages per second of all publishers together. Default: as fast as the broker reads. */
  rate?: number;
  /** Duration of publishing in seconds; or the number of messages of each publisher. */
  seconds?: number;
  messages?: number;
  qos: 0 | 1;
  /** Bytes of a payload, at least 16. */
  size?: number;
  /** Milliseconds to wait for the last messages. */
  waitMs?: number;
}

export interface LoadResult {
  published: number;
  /** Deliveries, over all subscribers. */
  received: number;
  /** Missing deliveries, and repeated ones. */
  lost: number;
  duplicates: number;
  /** From the first publish to the last delivery. */
  seconds: number;
  receivedPerSecond: number;
  /** Milliseconds from publish to delivery. */
  latency: { p50: number; p95: number; p99: number; max: number };
  /** Longest time that a subscriber waited for its next message, in milliseconds. */
  worstGap: number;
  /** Subscribers whose connection was closed. */
  dropped: number;
}

/** QoS 1 messages in flight per publisher. */
const WINDOW = 200;
/** Packets that are sent in one turn of the event loop. */
const AT_ONCE = 64;
const MAX_SAMPLES = 1_000_000;

/** Puts a load on a broker, and counts deliveries and losses. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { url, subscribers, publishers, waitMs = 10_000 } = options;
  const run = randomUUID().slice(0, 8);
  const tally = new Tally(publishers);
  const readers = await open(subscribers, (n) =>
    openSubscriber(url, `load-${run}-s${n}`, options, `load/${run}/#`, tally)
  );
  const writers = await open(publishers, (n) => openClient(url, `load-${run}-p${n}`, options));
  tally.begin();
  const counts = await Promise.all(writers.map((client, n) => publish(client, n, `load/${run}/${n}`, options)));
  const published = counts.reduce((sum, count) => sum + count, 0);
  const expected = published * subscribers;

  let quiet = 0;
  while (tally.distinct < expected && quiet < waitMs) {
    const before = tally.distinct;
    await sleep(20);
    quiet = tally.distinct === before ? quiet + 20 : 0;
  }
  const dropped = readers.filter(({ isOpen }) => !isOpen).length;
  for (const client of [...readers, ...writers]) {
    client.close();
  }
  return { ...tally.result(expected), published, dropped };
}

/** Opens `count` clients in groups, because a broker may refuse some if all connect at once. */
async function open(count: number, one: (n: number) => Promise<Client>): Promise<Client[]> {
  const clients: Client[] = [];
  for (let n = 0; n < count; n += 50) {
    const some = Array.from({ length: Math.min(50, count - n) }, (_, offset) => one(n + offset));
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

async function openSubscriber(
  url: string,
  clientId: string,
  { qos, username, password }: LoadOptions,
  filter: string,
  tally: Tally
): Promise<Client> {
  const client = await openClient(url, clientId, { username, password });
  const seen = tally.subscriber();
  await new Promise<void>((resolve) => {
    client.onPacket = (name) => name === 'suback' && resolve();
    client.send(subscribe(filter, qos));
  });
  client.onPacket = (name, bytes) => {
    if (name !== 'publish') {
      return;
    }
    const message = readPublish(bytes);
    if (message.qos > 0) {
      client.send(acknowledge(message.messageId));
    }
    seen(message.publisher, message.sequence, message.sentAt);
  };
  return client;
}

/** Publishes for the duration or the number of the options. @returns the number of messages. */
async function publish(client: Client, index: number, topic: string, options: LoadOptions): Promise<number> {
  const { qos, rate, publishers, seconds = Infinity, messages = Infinity, size = 50 } = options;
  const make = publisher(topic, qos, size);
  const perMs = rate === undefined ? Infinity : rate / publishers / 1_000;
  const began = clock();
  let sent = 0;
  let acknowledged = 0;
  let wake: (() => void) | undefined;
  client.onPacket = (name) => {
    if (name === 'puback') {
      acknowledged += 1;
      wake?.();
    }
  };
  while (sent < messages && clock() - began < seconds * 1_000 && client.isOpen) {
    const due = Math.min(AT_ONCE, messages - sent, (clock() - began) * perMs - sent);
    let ready = true;
    for (let n = 0; n < due && ready; n += 1) {
      if (qos > 0 && sent - acknowledged >= WINDOW) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      ready = client.send(make({ publisher: index, sequence: sent, sentAt: clock() }, (sent % 65_535) + 1));
      sent += 1;
    }
    if (!ready && client.isOpen) {
      await client.whenReady();
    }
    await (rate === undefined ? new Promise((resolve) => setImmediate(resolve)) : sleep(1));
  }
  return sent;
}

/** Counts deliveries. */
class Tally {
  readonly #publishers: number;
  readonly #latencies: number[] = [];
  #began = 0;
  #last = 0;
  #worstGap = 0;
  distinct = 0;
  #deliveries = 0;

  constructor(publishers: number) {
    this.#publishers = publishers;
  }

  begin(): void {
    this.#began = clock();
  }

  /** @returns the listener for the messages of a new subscriber. */
  subscriber(): (publisher: number, sequence: number, sentAt: number) => void {
    const seen = Array.from({ length: this.#publishers }, () => new Uint8Array(1_024));
    let lastAt = 0;
    return (from, sequence, sentAt) => {
      const now = clock();
      if (lastAt > 0) {
        this.#worstGap = Math.max(this.#worstGap, now - lastAt);
      }
      lastAt = now;
      this.#last = now;
      this.#deliveries += 1;
      let own = seen[from];
      if (sequence >= own.length) {
        const larger = new Uint8Array(Math.max(sequence + 1, own.length * 2));
        larger.set(own);
        own = larger;
        seen[from] = own;
      }
      if (own[sequence] === 0) {
        own[sequence] = 1;
        this.distinct += 1;
        if (this.#latencies.length < MAX_SAMPLES) {
          this.#latencies.push(now - sentAt);
        }
      }
    };
  }

  result(expected: number): Omit<LoadResult, 'published' | 'dropped'> {
    const sorted = Float64Array.from(this.#latencies).toSorted();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const seconds = Math.max(0.001, (this.#last - this.#began) / 1_000);
    return {
      received: this.#deliveries,
      lost: expected - this.distinct,
      duplicates: this.#deliveries - this.distinct,
      seconds,
      receivedPerSecond: this.#deliveries / seconds,
      latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 },
      worstGap: this.#worstGap,
    };
  }
}
