import { runOracle } from '../../../src/testing/overlap-oracle';
import { seededRandom } from '../../random';
import { connected, type Context, until } from '../context';

const PER_SECOND = 1_000;

/** PUBLISH packets of QoS 1 without an acknowledgement, at the most. */
const IN_FLIGHT = 20;

/**
 * Ten filters that overlap join and leave at random while numbered messages flow. Each stream has each message once
 * that a plain client with one filter receives.
 */
export async function overlap(context: Context): Promise<string> {
  const plain = await context.client();
  const counts = new Map<number, number>();
  plain.on('message', (topic, payload) => {
    if (/^[oxy](\/|$)/.test(topic)) {
      const value = Number(payload.toString());
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  });
  await plain.subscribeAsync('#');
  const publisher = await context.client();
  const pending = new Set<Promise<unknown>>();
  using engine = context.engine();
  await connected(engine);
  const random = seededRandom(11);
  const seconds = context.messages / PER_SECOND;
  const { published, expected, granted, missing, doubled } = await runOracle(engine, {
    random: (below) => Math.floor(random() * below),
    publish: async (topic, payload) => {
      const sent = publisher.publishAsync(topic, String(payload), { qos: 1 }).finally(() => pending.delete(sent));
      pending.add(sent);
      if (pending.size >= IN_FLIGHT) {
        await Promise.race(pending);
      }
    },
    durationMs: seconds * 1_000,
    perSecond: PER_SECOND,
    stayMs: Math.min(3_000, seconds * 500),
    received: (value) => counts.has(value),
  });
  await until('the plain client has all messages', () => counts.size === published, {
    state: () => `${counts.size} of ${published}`,
  });
  await Promise.all([plain.endAsync(), publisher.endAsync()]);
  if (doubled.length + missing.length > 0) {
    const examples = [...doubled.slice(0, 2), ...missing.slice(0, 2)].join('; ');
    throw new Error(`${doubled.length} rows doubled, ${missing.length} missing, of ${expected}: ${examples}`);
  }
  if (granted < 5 || expected < 500) {
    throw new Error(`too little was checked: ${granted} streams and ${expected} rows of ${published} messages`);
  }
  const [rows, messages] = [expected, published].map((each) => each.toLocaleString('en-US'));
  return `0 / 0 of ${rows} rows, ${messages} messages`;
}
