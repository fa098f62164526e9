import type { StreamSpec } from '../engine';
import { commonValues, type Announced, type AnnouncedLookup } from '../frames';
import { type DiscoveryEntry, readEntries } from '../discovery';
import { type Path, SCALAR } from '../payload';
import type { ConnectionClient } from '../connection/client';
import type { SharedStream } from '../connection/shared-stream';
import { getOrSet } from '../utils/get-or-set';

/** The number of values whose metadata is stored; further announcements are ignored. */
const MAX_ENTRIES = 5_000;

/** The number of configurations that are read; those of buttons and the like have no values. */
const MAX_CONFIGS = 10_000;

/** The metadata of a value. */
const METADATA_KEYS = ['unit', 'states', 'name'] as const;

/**
 * The topics where components of devices are announced, with or without a level for the node [Home Assistant, MQTT].
 * The first of them has Tasmota's configurations, too; its sensors have a topic of their own.
 */
export function discoveryFilters(prefix: string): string[] {
  const filters = [`${prefix}/+/+/config`, `${prefix}/+/+/+/config`];
  return prefix.endsWith('tasmota') ? [...filters, `${prefix}/discovery/+/sensors`] : filters;
}

/** The topics where Homie devices describe themselves (version 5) and their properties (versions 3 and 4). */
export function homieFilters(base: string): string[] {
  return [`${base}/5/+/$description`, `${base}/+/+/+/$unit`, `${base}/+/+/+/$name`];
}

/** The topics on which a data source reads announcements. */
export interface DiscoveryTopics {
  /** See `discoveryPrefix`. */
  readonly discovery?: string;
  /** See `homieBase`. */
  readonly homie?: string;
}

function filtersOf({ discovery, homie }: DiscoveryTopics): string[] {
  return [
    ...(discovery === undefined ? [] : discoveryFilters(discovery)),
    ...(homie === undefined ? [] : homieFilters(homie)),
  ];
}

/** Indexes discovery configurations by the topic and path of the values that they describe. */
export class DiscoveredValues {
  readonly #stream: SharedStream;
  readonly #maxEntries: number;
  #stale = true;
  /** The newest text of each configuration, by its series, and the entries in it. */
  readonly #read: Array<{ readonly text: string; readonly entries: readonly DiscoveryEntry[] } | undefined> = [];
  /** By topic and path. */
  #values = new Map<string, Map<string, Announced>>();
  #entries: readonly DiscoveryEntry[] = [];

  constructor(stream: SharedStream, maxEntries = MAX_ENTRIES) {
    this.#stream = stream;
    this.#maxEntries = maxEntries;
    stream.onChange(() => {
      this.#stale = true;
    });
  }

  /** All entries so far, without repetitions. */
  get entries(): readonly DiscoveryEntry[] {
    this.#refresh();
    return this.#entries;
  }

  readonly lookup: AnnouncedLookup = (topic, path) => {
    this.#refresh();
    const values = this.#values.get(topic);
    if (values === undefined) {
      return undefined;
    }
    // For a payload that is one value, a query that names the field has this path.
    const scalar = path.length === 1 && path[0] === SCALAR;
    return values.get(keyOf(path)) ?? (scalar ? values.get(keyOf([])) : undefined);
  };

  /** At the first use after a change and not at each change: uses come once per tick, and configurations in batches. */
  #refresh(): void {
    if (!this.#stale) {
      return;
    }
    this.#stale = false;
    let changed = false;
    for (const [i, { frame }] of this.#stream.series.entries()) {
      const cell = frame.columns.length === 0 ? undefined : frame.newest(0);
      const text = typeof cell === 'string' ? cell : undefined;
      if (this.#read[i]?.text !== text) {
        this.#read[i] = text === undefined ? undefined : { text, entries: readEntries(text) };
        changed = true;
      }
    }
    if (changed) {
      this.#index();
    }
  }

  #index(): void {
    // All components of a device, and all devices of a bridge, repeat its availability.
    const distinct = new Map<string, DiscoveryEntry>();
    for (const entry of this.#read.flatMap((each) => each?.entries ?? [])) {
      distinct.set(JSON.stringify(entry), entry);
    }
    this.#entries = [...distinct.values()].slice(0, this.#maxEntries);
    const byTopic = new Map<string, Map<string, DiscoveryEntry[]>>();
    for (const entry of this.#entries) {
      const values = getOrSet(byTopic, entry.topic, () => new Map<string, DiscoveryEntry[]>());
      getOrSet(values, keyOf(entry.path), () => []).push(entry);
    }
    this.#values = new Map(
      [...byTopic].map(([topic, values]) => [
        topic,
        new Map([...values].map(([key, entries]) => [key, commonValues(entries, METADATA_KEYS)])),
      ])
    );
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** The index of each stream of configurations; all readers of the stream share it. */
const indexes = new WeakMap<SharedStream, DiscoveredValues>();

/** A stream of configurations and its index. The caller that joined the stream must leave it. */
export interface AnnouncedMetadata {
  readonly stream: SharedStream;
  readonly values: DiscoveredValues;
}

/**
 * Joins the stream of a connection's discovery topics. Each call needs one `connection.leave(stream)`.
 *
 * @returns undefined if the data source has no discovery topics.
 */
export function joinAnnouncedMetadata(
  connection: ConnectionClient,
  topics: DiscoveryTopics
): AnnouncedMetadata | undefined {
  const filters = filtersOf(topics);
  if (filters.length === 0) {
    return undefined;
  }
  const spec: StreamSpec = {
    filters,
    qos: 0,
    format: 'discovery',
    pendingRows: 1,
    maxSeries: MAX_CONFIGS,
  };
  const stream = connection.join(spec);
  return { stream, values: getOrSet(indexes, stream, () => new DiscoveredValues(stream)) };
}
