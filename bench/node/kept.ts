import type { DataQueryResponse } from '@grafana/data';
import type { StreamSeries } from '../../src/connection/shared-stream';
import type { MqttQuery } from '../../src/types';
import { publishPacket } from '../../testing/mqtt-bytes';
import { concat } from '../../src/utils/concat';
import { cheaper, type Measurement, type Pace, PANEL_INTERVAL_MS } from '../measurement';
import { openPanel, WatchedConnection } from '../panel';
import { FakeBroker } from './fake-broker';
import { engineWith } from './live-path';
import { usedMemory } from './memory';
import { liveBy, VirtualClock } from './virtual-clock';

const PER_MS = 5;
const RANGE_S = 300;
/** What c58a5ad stored at most, and what a query can ask for. */
const PLAIN_ROWS = 100_000;
const EPOCH_MS = 1_700_000_000_000;
/** The intervals of which every smallest and largest value has to be there, if rows were not thinned. */
const PLAIN_INTERVAL_MS = 50;

/** What a panel has after some time. */
export interface Kept {
  /** From its oldest row to its newest, within the time range. */
  readonly seconds: number;
  readonly rows: number;
  /** What its rows are said to take, and what the memory of the process grew by. */
  readonly bytes: number;
  readonly grownBytes: number;
  /** Intervals of the rows, and how many of the time range have no smallest and largest value. */
  readonly intervalMs: number;
  readonly intervals: number;
  readonly missing: number;
  /** The same of the panel's last response, with the intervals of the panel. */
  readonly shown: number;
  readonly missingShown: number;
}

/**
 * Row 28: what a panel of the last five minutes has at 5,000 messages per second, of one series: the time from the oldest
 * row to the newest, next to the newest 100,000 rows, which is what c58a5ad stored.
 */
export async function kept(pace: Pace): Promise<Measurement[]> {
  const seconds = pace.short ? 30 : 1.1 * RANGE_S;
  // What the code takes once is not the memory of rows.
  await keep(pace.short ? 0.2 : 25);
  const ours = await keep(seconds);
  const plain = await keep(seconds, { keep: { rows: PLAIN_ROWS } });
  const name = 'the newest 100,000 rows, as c58a5ad stored them';
  const wholeS = Math.min(seconds, RANGE_S);
  return [
    {
      row: 28,
      what: `what a panel keeps of ${wholeS} s at 5,000 messages/s`,
      ours: { value: ours.seconds, unit: 's' },
      peer: { name, value: plain.seconds, unit: 's' },
      target: `${wholeS} s, with the smallest and the largest value of each interval`,
      // The first row of a range that moves is at most one interval after its beginning
      met: ours.seconds >= wholeS - ours.intervalMs / 1_000 && ours.missing === 0 && ours.missingShown === 0,
      note: `${inWords(ours)}; peer: ${inWords(plain)}`,
    },
    {
      ...cheaper({
        row: 28,
        what: 'the same: memory of its rows',
        ours: { value: ours.bytes / 1_000, unit: 'kB' },
        peer: { name, value: plain.bytes / 1_000, unit: 'kB' },
        timesCheaper: 1,
      }),
      target: 'not more',
      note: `the process grew by ${kB(ours.grownBytes)} and ${kB(plain.grownBytes)}`,
    },
  ];
}

function kB(bytes: number): string {
  return `${Math.round(bytes / 1_000).toLocaleString('en-US')} kB`;
}

function inWords({ rows, intervals, intervalMs, missing, shown, missingShown }: Kept): string {
  return [
    `${rows.toLocaleString('en-US')} rows`,
    `without the smallest or largest of ${missing.toLocaleString('en-US')} of ${intervals.toLocaleString('en-US')} intervals of ${intervalMs} ms`,
    `in the response of ${missingShown} of ${shown} of ${PANEL_INTERVAL_MS} ms`,
  ].join(', ');
}

/** Lets a panel receive so many seconds of messages, by a clock of its own, and compares its rows with what was sent. */
export async function keep(seconds: number, query?: Partial<MqttQuery>): Promise<Kept> {
  const clock = new VirtualClock();
  const { now } = Date;
  const before = usedMemory();
  liveBy(clock);
  Date.now = () => EPOCH_MS + clock.now;
  try {
    const broker = new FakeBroker();
    const connection = new WatchedConnection('ws://bench', () => Promise.resolve(engineWith(broker)));
    connection.record(undefined);
    let last: DataQueryResponse | undefined;
    const next = (response: DataQueryResponse): void => {
      last = response;
    };
    openPanel(connection, 'bench/value', next, { intervalMs: PANEL_INTERVAL_MS, ...(query && { query }) });
    while (broker.granted === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const sent = new Float64Array(1_000 * seconds * PER_MS);
    const began = Date.now();
    for (let ms = 0; ms < 1_000 * seconds; ms++) {
      const values = Array.from({ length: PER_MS }, (_, i) => valueOf(ms * PER_MS + i));
      sent.set(values, ms * PER_MS);
      broker.send(concat(values.map((value) => publishPacket('bench/value', String(value)))).buffer);
      clock.advance(1);
      if (ms % 10 === 9) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    for (let ticks = 0; ticks < 10; ticks++) {
      clock.advance(PANEL_INTERVAL_MS / 5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [series] = connection.streams[0].series;
    const grownBytes = usedMemory() - before - sent.byteLength;
    if (series.frame.length + series.frame.evicted !== sent.length || last === undefined) {
      throw new Error(`${sent.length} messages were sent, ${series.frame.length + series.frame.evicted} arrived`);
    }
    return { ...keptOf(series, last, { sent, began, rangeMs: 1_000 * Math.min(seconds, RANGE_S) }), grownBytes };
  } finally {
    Date.now = now;
  }
}

/** A wave with a value in every interval that only one row has, so that a row that is gone is missed. */
function valueOf(n: number): number {
  return Math.round(1e6 * Math.sin(n / 9_973) + 1e5 * Math.sin(n * 12.9898)) / 1e3;
}

interface Sent {
  readonly sent: Float64Array;
  /** The time of the first one, in milliseconds since the epoch. */
  readonly began: number;
  /** The last so many milliseconds have to be there. */
  readonly rangeMs: number;
}

function keptOf(series: StreamSeries, last: DataQueryResponse, all: Sent): Omit<Kept, 'grownBytes'> {
  const { frame, thinner } = series;
  const [times, values] = [frame.times(0, frame.length), frame.values(0, 0, frame.length) as number[]];
  const from = times.at(-1)! - all.rangeMs;
  const inRange = times.filter((time) => time >= from);
  const intervalMs = thinner?.intervalMs || PLAIN_INTERVAL_MS;
  const stored = missingIn({ times, values }, intervalMs, all);
  const [{ fields }] = last.data as Array<{ fields: Array<{ values: number[] }> }>;
  const shown = missingIn({ times: fields[0].values, values: fields[1].values }, PANEL_INTERVAL_MS, all);
  return {
    seconds: (inRange.at(-1)! - inRange[0]) / 1_000,
    rows: frame.length,
    bytes: frame.bytes,
    intervalMs,
    intervals: stored.intervals,
    missing: stored.missing,
    shown: shown.intervals,
    missingShown: shown.missing,
  };
}

/** The whole intervals of the time range, and how many of them lack the smallest or the largest value that was sent. */
function missingIn(
  rows: { times: readonly number[]; values: readonly number[] },
  intervalMs: number,
  { sent, began, rangeMs }: Sent
): { intervals: number; missing: number } {
  const there = new Map<number, Set<number>>();
  rows.times.forEach((time, row) => {
    const interval = Math.floor(time / intervalMs);
    there.set(interval, (there.get(interval) ?? new Set()).add(rows.values[row]));
  });
  const end = began + Math.floor(sent.length / PER_MS);
  let [intervals, missing] = [0, 0];
  for (
    let interval = Math.ceil((end - rangeMs) / intervalMs) + 1;
    (interval + 1) * intervalMs <= end - PANEL_INTERVAL_MS;
    interval++
  ) {
    const first = Math.max(0, (interval * intervalMs - began) * PER_MS);
    const own = sent.subarray(first, ((interval + 1) * intervalMs - began) * PER_MS);
    intervals++;
    const values = there.get(interval);
    missing += values?.has(Math.min(...own)) === true && values.has(Math.max(...own)) ? 0 : 1;
  }
  return { intervals, missing };
}
