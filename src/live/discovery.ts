import type { StreamSpec } from '../engine';
import type { UnitLookup } from '../frames';
import { type DiscoveryEntry, type Path, readEntries, SCALAR } from '../payload';
import type { LiveConnection } from './connection';
import type { LiveStream } from './stream';

/** Values whose units are remembered; those of further ones are not known. */
const MAX_ENTRIES = 5_000;

/** Configurations that are looked at; most of them are switches and buttons, which have no unit. */
const MAX_CONFIGS = 10_000;

/** Where the components of devices are announced, with a node's level in between or without [Home Assistant, MQTT]. */
export function discoveryFilters(prefix: string): string[] {
  return [`${prefix}/+/+/config`, `${prefix}/+/+/+/config`];
}

/** The units that a stream of configurations tells of. */
export class DiscoveredUnits {
  readonly #stream: LiveStream;
  readonly #most: number;
  #stale = true;
  /** What each configuration said last, by its series, and what was read from it. */
  readonly #read: Array<{ readonly text: string; readonly entries: readonly DiscoveryEntry[] } | undefined> = [];
  /** By topic and path. Where two disagree, neither is believed: `undefined`. */
  #units = new Map<string, Map<string, string | undefined>>();
  #entries: readonly DiscoveryEntry[] = [];

  constructor(stream: LiveStream, most = MAX_ENTRIES) {
    this.#stream = stream;
    this.#most = most;
    stream.onChange(() => {
      this.#stale = true;
    });
  }

  /** All that is known now. */
  get entries(): readonly DiscoveryEntry[] {
    this.#refresh();
    return this.#entries;
  }

  readonly unitOf: UnitLookup = (topic, path) => {
    this.#refresh();
    const units = this.#units.get(topic);
    if (units === undefined) {
      return undefined;
    }
    // A query that names the field of a payload that is one value calls it so.
    const scalar = path.length === 1 && path[0] === SCALAR;
    return units.get(keyOf(path)) ?? (scalar ? units.get(keyOf([])) : undefined);
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
    this.#entries = this.#read.flatMap((each) => each?.entries ?? []).slice(0, this.#most);
    this.#units = new Map();
    for (const { topic, path, unit } of this.#entries) {
      const units = this.#units.get(topic) ?? new Map<string, string | undefined>();
      this.#units.set(topic, units);
      const key = keyOf(path);
      units.set(key, units.has(key) && units.get(key) !== unit ? undefined : unit);
    }
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

/** Of each stream of configurations that is read; all who read it share what was found. */
const known = new WeakMap<LiveStream, DiscoveredUnits>();

/** A stream of configurations that somebody reads, to be left by whoever joined it. */
export interface Discovery {
  readonly stream: LiveStream;
  readonly units: DiscoveredUnits;
}

/** Joins the one stream of a connection's discovery topics. To be paid back with `connection.leave(stream)`. */
export function joinDiscovery(connection: LiveConnection, prefix: string): Discovery {
  const spec: StreamSpec = {
    filters: discoveryFilters(prefix),
    qos: 0,
    format: 'discovery',
    maxRows: 1,
    maxSeries: MAX_CONFIGS,
  };
  const stream = connection.join(spec);
  let units = known.get(stream);
  if (units === undefined) {
    units = new DiscoveredUnits(stream);
    known.set(stream, units);
  }
  return { stream, units };
}
