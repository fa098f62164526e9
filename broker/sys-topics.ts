import type { Aedes } from 'aedes';
import { isSysFilter } from './topic';
import type { Stats } from './stats';

/** The statistics that are published, and the topics that mosquitto has for them. */
const TOPICS: ReadonlyArray<readonly [topic: string, read: keyof Stats]> = [
  ['clients/connected', 'clients'],
  ['clients/disconnected', 'sessions'],
  ['subscriptions/count', 'subscriptions'],
  ['retained messages/count', 'retainedMessages'],
  ['store/messages/count', 'queuedMessages'],
  ['store/messages/bytes', 'queuedBytes'],
  ['bytes/received', 'bytesIn'],
  ['bytes/sent', 'bytesOut'],
];

/** The counters that are also published as a rate: mosquitto's averages over the last minute. */
const RATES = {
  'load/publish/received/1min': 'published',
  'load/bytes/received/1min': 'bytesIn',
  'load/bytes/sent/1min': 'bytesOut',
} as const;

const PREFIX = '$SYS/broker/';
const COUNTER = 'publish/messages/received';

/** All topics of statistics. */
export const SYS_TOPICS: readonly string[] = [
  'version',
  'uptime',
  COUNTER,
  ...TOPICS.map(([topic]) => topic),
  ...Object.keys(RATES),
].map((topic) => PREFIX + topic);

const MINUTE = 60_000;

export interface SysTopicsOptions {
  /** Milliseconds between two publications. */
  interval: number;
  stats: () => Stats;
  onError: (error: Error) => void;
}

/**
 * Publishes the broker's statistics below `$SYS/broker`, by the names and units of mosquitto, so that dashboards for
 * mosquitto show this broker. The messages are not retained: a store would write all of them at each interval.
 *
 * @returns ends it
 */
export function publishSysTopics(aedes: Aedes, { interval, stats, onError }: SysTopicsOptions): () => void {
  const started = performance.now();
  const rates = new Map<string, Rate>(Object.keys(RATES).map((topic) => [topic, new Rate()]));
  let published = 0;
  const count = ({ topic }: { topic: string }): void => {
    if (!isSysFilter(topic)) {
      published += 1;
    }
  };
  aedes.on('publish', count);

  const send = (topic: string, payload: string): void => {
    const packet = { topic: PREFIX + topic, payload: Buffer.from(payload) };
    aedes.publish({ ...packet, cmd: 'publish', qos: 0, retain: false, dup: false }, (error) => {
      if (error) {
        onError(error);
      }
    });
  };
  const timer = setInterval(() => {
    if (aedes.closed) {
      return;
    }
    const now = performance.now();
    const current = { ...stats(), published };
    send('version', 'mqttstream-broker');
    send('uptime', `${Math.floor((now - started) / 1_000)} seconds`);
    send(COUNTER, String(published));
    for (const [topic, read] of TOPICS) {
      send(topic, String(current[read]));
    }
    for (const [topic, read] of Object.entries(RATES)) {
      send(topic, rates.get(topic)!.next(current[read], now).toFixed(2));
    }
  }, interval);
  timer.unref();
  return () => {
    clearInterval(timer);
    aedes.removeListener('publish', count);
  };
}

/** How much a counter grows in a minute: an average in which older times weigh less, as that of mosquitto. */
class Rate {
  #last: { count: number; time: number } | undefined;
  #perMinute: number | undefined;

  next(count: number, time: number): number {
    const last = this.#last;
    this.#last = { count, time };
    if (last !== undefined && time > last.time) {
      const now = ((count - last.count) * MINUTE) / (time - last.time);
      const weight = Math.exp((last.time - time) / MINUTE);
      // Not from 0 up, which would take minutes after the start
      this.#perMinute = this.#perMinute === undefined ? now : now + weight * (this.#perMinute - now);
    }
    return this.#perMinute ?? 0;
  }
}
