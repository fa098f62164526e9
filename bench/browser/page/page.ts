// The page of the browser bench: nothing on it but what is measured.
import { FULL, SHORT, type Figure } from '../../figure';
import { append } from '../../micro/append';
import { decode } from '../../micro/decode';
import { packet } from '../../micro/packet';
import { steps } from '../../micro/steps';
import { openBare, openDecoder } from './bare';
import type { Client } from './client';
import { openOurs, openPanels, openStamped } from './ours';
import { openSeed, openStock } from './stock';

const KINDS = {
  bare: openBare,
  decoder: openDecoder,
  stock: openStock,
  seed: openSeed,
  ours: openOurs,
  panels: openPanels,
} as const;

const MICRO = { append, decode, packet, steps } as const;

let client: Client | undefined;
let ages: () => number[] = () => [];

/** What the bench asks of the page. */
const bench = {
  /** Subscribes; resolves when the broker has granted it. */
  async open(kind: keyof typeof KINDS, url: string): Promise<void> {
    client = await KINDS[kind](url);
  },
  async openStamped(url: string): Promise<void> {
    const stamped = await openStamped(url);
    client = stamped;
    ages = () => stamped.ages();
  },
  until: (total: number, withinMs: number) => client!.meter.until(total, withinMs),
  state: () => ({
    at: performance.now(),
    received: client!.meter.received,
    lost: client!.lost(),
    packets: client!.packets(),
  }),
  ages: () => ages(),
  micro: (name: keyof typeof MICRO, short: boolean): Figure[] => MICRO[name](short ? SHORT : FULL),
};

export type BenchPage = typeof bench;
export type Kind = keyof typeof KINDS;

Object.assign(globalThis, { bench });
