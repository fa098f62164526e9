import { MessageRing } from '../../src/engine/history/message-ring';
import type { MqttQuery } from '../../src/types';
import { consume } from '../compare';
import { costsAtMost, type Measurement, type Pace } from '../measurement';
import { median } from '../stats';
import { LivePath, MESSAGES_PER_TICK, SETTLING_TICKS, type TickCost } from './live-path';
import { usedMemory } from './memory';

/** In the short form, too: less is lost in what else a process allocates and frees. */
const RING_BYTES = 16_000_000;
const MOST_BYTES_MORE = 24;
const TIMES_LIVE = 1.2;
const TIMES_OFF = 1.1;

/** Row 13: the memory of the ring of stored messages, next to that of the payloads. */
export function ringMemory(): Measurement[] {
  return [
    { size: 8, topics: 10 },
    { size: 60, topics: 1_000 },
    { size: 200, topics: 10 },
  ].map(({ size, topics }) => {
    consume(fill(100_000, size, topics).messages); // lets the code be compiled
    const before = usedMemory();
    const ring = fill(RING_BYTES, size, topics);
    const taken = usedMemory() - before;
    const more = taken / ring.messages - size;
    return {
      row: 13,
      what: `memory of the ring of stored messages, payloads of ${size} bytes on ${topics.toLocaleString('en-US')} topics, per message`,
      ours: { value: size + more, unit: 'bytes' },
      peer: { name: 'the payload', value: size, unit: 'bytes' },
      target: `the payload and at most ${MOST_BYTES_MORE} bytes`,
      met: more <= MOST_BYTES_MORE,
      note: `${more.toFixed(1)} bytes in addition to it, ${ring.messages.toLocaleString('en-US')} messages`,
    } satisfies Measurement;
  });
}

/** More messages than there is room for, so that some are evicted. */
function fill(bytes: number, size: number, topics: number): MessageRing {
  const ring = new MessageRing({ bytes, messages: 1_000_000, ageMs: Infinity });
  const payload = new Uint8Array(size);
  const names = Array.from({ length: topics }, (_, topic) => `bench/${topic}/value`);
  for (let n = 0; n < (1.5 * bytes) / (size + 20); n++) {
    const topic = names[(n * 7) % topics];
    ring.add({ topic, payload, time: n, retain: false, qos: 0, userProperties: undefined, epoch: 1 });
  }
  return ring;
}

const EDITS: Readonly<Record<string, Partial<MqttQuery>>> = {
  format: { format: 'json' },
  fields: { fields: [{ path: 'v' }, { path: 'x', name: 'speed' }] },
};

/** Row 14: a changed query reads the stored messages again, next to the live path with the same query. */
export async function ringEdit(pace: Pace): Promise<Measurement[]> {
  const ticks = pace.short ? 2 : 20;
  const rows = ticks * MESSAGES_PER_TICK;
  const results: Measurement[] = [];
  for (const [name, query] of Object.entries(EDITS)) {
    const again: number[] = [];
    const live: number[] = [];
    for (let round = 0; round < (pace.short ? 1 : 5); round++) {
      const options = { recording: { bytes: 256_000_000, ageMs: Infinity }, payloadOf: json };
      const path = await LivePath.open(options);
      await path.measure(ticks - SETTLING_TICKS > 0 ? ticks - SETTLING_TICKS : 0);
      again.push(await path.change(query, Math.max(ticks, SETTLING_TICKS) * MESSAGES_PER_TICK));
      const { messageNs } = await (await LivePath.open({ ...options, query })).measure(ticks);
      live.push(messageNs);
    }
    const compared = {
      row: 14,
      what: `a change of the query's ${name} over ${rows.toLocaleString('en-US')} stored messages of JSON, per message, to the response`,
      ours: { value: median(again), unit: 'ns' },
      peer: { name: 'the live path with that query', value: median(live), unit: 'ns' },
    } as const;
    results.push(costsAtMost(compared, TIMES_LIVE));
  }
  return results;
}

function json(n: number): string {
  const value = (offset: number): string => (20 + Math.sin(n + offset)).toFixed(2);
  return `{"v":${value(0)},"x":${value(1)},"y":${value(2)},"z":${value(3)},"t":${value(4)}}`;
}

/** Row 15: the live path while messages are stored in a full ring, next to the same without. */
export async function ringLive(pace: Pace): Promise<Measurement[]> {
  const bytes = pace.short ? 100_000 : 2_000_000;
  const on = await LivePath.open({ recording: { bytes, ageMs: Infinity } });
  const off = await LivePath.open({});
  const costs: Record<'on' | 'off', TickCost[]> = { on: [], off: [] };
  // Fills the ring and the windows.
  await on.measure(pace.short ? 2 : 30);
  await off.measure(pace.short ? 2 : 30);
  for (let round = 0; round < pace.rounds; round++) {
    costs.on.push(await on.measure(pace.short ? 1 : 3));
    costs.off.push(await off.measure(pace.short ? 1 : 3));
  }
  const [withRing, without] = [costs.on, costs.off].map((each) => median(each.map(({ messageNs }) => messageNs)));
  const compared = {
    row: 15,
    what: 'cost per message, engine and page together, while messages are stored and evicted',
    ours: { value: withRing, unit: 'ns' },
    peer: { name: 'without storing', value: without, unit: 'ns' },
    note: 'without the socket and the threads, which cost more than all of it',
  } as const;
  return [costsAtMost(compared, TIMES_OFF)];
}
