import { FilterTrie } from '../../src/topics';
import { compare, type Contestant } from '../compare';
import type { Measurement, Pace } from '../measurement';
import { median } from '../stats';
import { LivePath, MESSAGES_PER_TICK, type LivePathOptions, type TickCost } from './live-path';

const FLAT = 1.5;
const SERIES_ROUNDS = 5;

/** Row 10: the cost of a message as the window grows. */
export async function flatWindow(pace: Pace): Promise<Measurement[]> {
  const sizes = pace.short ? [1_000, 2_000] : [1_000, 10_000, 100_000];
  const costs = await side(sizes, (keepRows) => ({ keepRows }), pace);
  return [flat('cost per message, window', sizes, messagesOf(costs))];
}

/** Row 10: the cost of a message as more panels show its topic, and the cost of the response of each panel. */
export async function flatPanels(pace: Pace): Promise<Measurement[]> {
  const counts = [1, 5, 20];
  const costs = await side(counts, (panels) => ({ panels }), pace);
  return [
    flat('cost per message, panels on one topic', counts, messagesOf(costs)),
    {
      row: 10,
      what: 'a packet of one of 20 panels that show 10 series of 10,000 rows, unread',
      ours: { value: costs[2].packetNs / 1e3, unit: 'µs' },
      peer: { name: 'where it is the only panel', value: costs[0].packetNs / 1e3, unit: 'µs' },
    },
  ];
}

/** Row 10: the cost of a message as the number of subscriptions grows. */
export async function flatFilters(pace: Pace): Promise<Measurement[]> {
  const counts = pace.short ? [1, 100] : [1, 100, 10_000];
  const costs = await side(counts, (count) => ({ otherFilters: filters(count - 1) }), pace);
  return [flat('cost per message, filters', counts, messagesOf(costs)), newTopics(counts, pace)];
}

/** Row 10: the cost of a message with filters of which one covers the others. */
export async function flatCovered(pace: Pace): Promise<Measurement[]> {
  const counts = [1, 100];
  const covered = (count: number): string[] => Array.from({ length: count }, (_, i) => `bench/other${i}/value`);
  const costs = await side(counts, (count) => ({ coveredFilters: covered(count - 1) }), pace);
  return [flat('cost per message, filters that one of them covers', counts, messagesOf(costs))];
}

/** Row 19: the cost of a message, with its part of the response, as the series of a query grow, as latest values. */
export function flatLatest(pace: Pace): Promise<Measurement[]> {
  return flatSeriesAs('latest', [10, 500, 5_000], pace);
}

/** Row 19: the same as a table. */
export function flatTable(pace: Pace): Promise<Measurement[]> {
  return flatSeriesAs('table', [10, 500, 5_000], pace);
}

/** Row 19: the same as time series, of which a query has at most 500 by default: each is a frame. */
export function flatSeries(pace: Pace): Promise<Measurement[]> {
  return flatSeriesAs('series', [10, 500], pace);
}

async function flatSeriesAs(
  shape: 'latest' | 'table' | 'series',
  all: readonly number[],
  pace: Pace
): Promise<Measurement[]> {
  const counts = pace.short ? [10, 100] : all;
  // A tick of so many series takes longer than those of other rows
  const rounds = Math.min(pace.rounds, SERIES_ROUNDS);
  const costs = await side(counts, (topics) => ({ topics, keepRows: 1_000, query: { shape } }), { ...pace, rounds });
  const parts = costs.map(({ packetNs }) => packetNs / MESSAGES_PER_TICK);
  const sums = costs.map(({ messageNs }, i) => messageNs + parts[i]);
  const row = flat(`cost per message, socket to frame and packet as ${shape}, series`, counts, sums);
  return [{ ...row, row: 19, note: `${row.note}; of it the packet: ${parts.map(Math.round).join(', ')}` }];
}

/** The cost of finding the streams of a new topic; the router remembers them afterwards. */
function newTopics(counts: readonly number[], pace: Pace): Measurement {
  const topics = Array.from({ length: 1024 }, (_, i) => `bench/${i}/value`);
  const contestants = Object.fromEntries(
    counts.map((count): [string, Contestant] => {
      const trie = new FilterTrie<number>();
      for (const [i, filter] of ['bench/+/value', ...filters(count - 1)].entries()) {
        trie.add(filter, i);
      }
      return [
        String(count),
        (n) => {
          let found = 0;
          for (let i = 0; i < n; i++) {
            found += trie.match(topics[i & 1023]).size;
          }
          return found;
        },
      ];
    })
  );
  const ns = compare(contestants, pace);
  return flat('cost of routing a topic never seen before, filters', counts, Object.values(ns));
}

/** Filters of a large installation: topics, and wildcards in the middle and at the end. */
export function filters(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const device = `plant/${i % 97}/device${i}`;
    return [`${device}/temperature`, `plant/+/device${i}/state`, `${device}/#`][i % 3];
  });
}

/** One live path for each size, measured in turns. */
async function side(
  sizes: readonly number[],
  options: (size: number) => LivePathOptions,
  pace: Pace
): Promise<TickCost[]> {
  const paths: LivePath[] = [];
  const largest = Math.max(...sizes.map((size) => options(size).keepRows ?? 10_000));
  for (const size of sizes) {
    const path = await LivePath.open(options(size));
    paths.push(path);
    // Fill the windows, ten topics with 500 messages per tick each, and let everything be compiled.
    await path.measure(pace.short ? 2 : largest / 500 + 10);
  }
  const samples: TickCost[][] = sizes.map(() => []);
  for (let round = 0; round < pace.rounds; round++) {
    for (const [i, path] of paths.entries()) {
      globalThis.gc?.();
      samples[i].push(await path.measure(pace.short ? 1 : 3));
    }
  }
  return samples.map((each) => ({
    messageNs: median(each.map(({ messageNs }) => messageNs)),
    packetNs: median(each.map(({ packetNs }) => packetNs)),
  }));
}

function messagesOf(costs: readonly TickCost[]): number[] {
  return costs.map(({ messageNs }) => messageNs);
}

function flat(what: string, sizes: readonly number[], ns: readonly number[]): Measurement {
  const ratio = Math.max(...ns) / Math.min(...ns);
  const inWords = sizes.map(
    (size, i) => `${size.toLocaleString('en-US')}: ${Math.round(ns[i]).toLocaleString('en-US')}`
  );
  return {
    row: 10,
    what: `${what} ${sizes.map((size) => size.toLocaleString('en-US')).join(' / ')}`,
    ours: { value: ns.at(-1)!, unit: 'ns' },
    peer: { name: 'itself at the smallest', value: ns[0], unit: 'ns' },
    ratio: { value: ratio, means: 'largest by smallest' },
    target: `within ${FLAT} times`,
    met: ratio <= FLAT,
    note: `ns at ${inWords.join(', ')}`,
  };
}
