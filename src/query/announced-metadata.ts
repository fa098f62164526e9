import type { StreamSpec } from '../engine';
import { commonValues, type Announced, type AnnouncedLookup } from '../frames';
import { type DiscoveryEntry, readEntries } from '../discovery';
import { type Path, SCALAR } from '../payload';
import type { ConnectionClient } from '../connection/client';
import type { SharedStream } from '../connection/shared-stream';

/** Values of which something is remembered; further ones are not known. */
const MAX_ENTRIES = 5_000;

/** Configurations that are looked at; those of buttons and the like say nothing of values. */
const MAX_CONFIGS = 10_000;

/** What is announced of a value. */
const METADATA_KEYS = ['unit', 'states', 'name'] as const;

/** Where the components of devices are announced, with a node's level in between or without [Home Assistant, MQTT]. */
export function discoveryFilters(prefix: string): string[] {
  return [`${prefix}/+/+/config`, `${prefix}/+/+/+/config`];
}

/** Where Homie devices describe themselves, from version 5 on, and their properties, in versions 3 and 4. */
export function homieFilters(base: string): string[] {
  return [`${base}/5/+/$description`, `${base}/+/+/+/$unit`, `${base}/+/+/+/$name`];
}

/** Where a data source looks for announcements. */
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

/** What a stream of configurations tells of values. */
export class DiscoveredValues {
  readonly #stream: SharedStream;
  readonly #most: number;
  #stale = true;
  /** What each configuration said last, by its series, and what was read from it. */
  readonly #read: Array<{ readonly text: string; readonly entries: readonly DiscoveryEntry[] } | undefined> = [];
  /** By topic and path. */
  #values = new Map<string, Map<string, Announced>>();
  #entries: readonly DiscoveryEntry[] = [];

  constructor(stream: SharedStream, most = MAX_ENTRIES) {
    this.#stream = stream;
    this.#most = most;
    stream.onChange(() => {
      this.#stale = true;
    });
  }

  /** All that is known now, each once. */
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
    // A query that names the field of a payload that is one value calls it so.
    const scalar = path.length === 1 && path[0] === SCALAR;
    return values.get(keyOf(path)) ?? (scalar ? values.get(keyOf([])) : undefined);
  };

  /** Not at every change: it is asked once a tick, and configurations come in batches. */
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
    // All components of a device, and all devices of a bridge, say the same of its availability.
    const distinct = new Map<string, DiscoveryEntry>();
    for (const entry of this.#read.flatMap((each) => each?.entries ?? [])) {
      distinct.set(JSON.stringify(entry), entry);
    }
    this.#entries = [...distinct.values()].slice(0, this.#most);
    const said = new Map<string, Map<string, DiscoveryEntry[]>>();
    for (const entry of this.#entries) {
      const values = getOrSet(said, entry.topic, () => new Map<string, DiscoveryEntry[]>());
      getOrSet(values, keyOf(entry.path), () => []).push(entry);
    }
    this.#values = new Map(
      [...said].map(([topic, values]) => [
        topic,
        new Map([...values].map(([key, entries]) => [key, commonValues(entries, METADATA_KEYS)])),
      ])
    );
  }
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** Of each stream of configurations that is read; all who read it share what was found. */
const known = new WeakMap<SharedStream, DiscoveredValues>();

/** A stream of configurations that somebody reads, to be left by whoever joined it. */
export interface AnnouncedMetadata {
  readonly stream: SharedStream;
  readonly values: DiscoveredValues;
}

/**
 * Joins the one stream of a connection's discovery topics. To be paid back with `connection.leave(stream)`.
 *
 * @returns `undefined` where there are none.
 */
export function joinAnnouncedMetadata(
  connection: ConnectionClient,
  places: DiscoveryTopics
): AnnouncedMetadata | undefined {
  const filters = filtersOf(places);
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
  let values = known.get(stream);
  if (values === undefined) {
    values = new DiscoveredValues(stream);
    known.set(stream, values);
  }
  return { stream, values };
}
