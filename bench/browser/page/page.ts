// The page of the browser suite. It has only the code that is measured.
import { FULL, SHORT, type Measurement } from '../../measurement';
import { append } from '../../micro/append';
import { decode } from '../../micro/decode';
import { packet } from '../../micro/packet';
import { steps } from '../../micro/steps';
import { openBare, openDecoder, openFrames } from './bare';
import type { Client } from './client';
import { type Devices, type DevicesState, openDevices } from './devices';
import { openOurs, openPanels, openPanelsStored, openStamped, openStampedStored, openStored } from './ours';
import { openReload } from './reload';
import { openPast, type PastOrder } from './past';
import { openTicker, openTutorial, openStock } from './stock';

const KINDS = {
  bare: openBare,
  decoder: openDecoder,
  stock: openStock,
  tutorial: openTutorial,
  ours: openOurs,
  panels: openPanels,
  stored: openStored,
  storedPanels: openPanelsStored,
} as const;

/** A panel of ours, the model of a data source that emits once per interval, and a bare WebSocket. */
const STAMPED = { ours: openStamped, stored: openStampedStored, ticker: openTicker, frames: openFrames } as const;

const MICRO = { append, decode, packet, steps } as const;

let client: Client | undefined;
let ages: () => number[] = () => [];
let devices: () => DevicesState;

/** The functions of the page that the suite calls. */
const bench = {
  /** Subscribes. @returns a promise that resolves when the broker has granted the filter. */
  async open(kind: keyof typeof KINDS, url: string): Promise<void> {
    client = await KINDS[kind](url);
  },
  /** A client that notes the age of each message. */
  async openStamped(kind: keyof typeof STAMPED, url: string, intervalMs?: number): Promise<void> {
    const stamped = await STAMPED[kind](url, intervalMs);
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
  async openDevices(url: string, order: Devices): Promise<void> {
    devices = await openDevices(url, order);
  },
  devices: () => devices(),
  openPast: (url: string, order: PastOrder) => openPast(url, order),
  openReload: (url: string, rows: number, isStored: boolean) => openReload(url, rows, isStored),
  micro: (name: keyof typeof MICRO, short: boolean): Measurement[] => MICRO[name](short ? SHORT : FULL),
};

export type BenchPage = typeof bench;
export type Kind = keyof typeof KINDS;

Object.assign(globalThis, { bench });
