import type { SparkplugMetric } from './proto';
import { readSparkplugValue } from './values';
import { FreeKeys, setOwn } from '../values';

/** Longer names are no names, and are not remembered. */
export const MAX_NAME = 500;

/** What a birth says of a metric. */
export interface KnownMetric {
  readonly name: string;
  readonly type: number | undefined;
  readonly unit: string | undefined;
  /** Of a template, those of its members. */
  readonly members: Metrics | undefined;
}

/** The metrics of a device or the members of a template, by the names and aliases that a birth gives them. */
export class Metrics {
  readonly #byName = new Map<string, KnownMetric>();
  readonly #byAlias = new Map<number | string, KnownMetric>();
  readonly #held: { count: number };

  /** @param held counts the names and aliases, also those of templates within. */
  constructor(held: { count: number }) {
    this.#held = held;
  }

  /**
   * What is known of a metric; `undefined` where it does not say its name, and nothing before it did.
   *
   * @param isBirth whether to remember what it says of itself. Data teaches only the alias of a name.
   */
  meet({ name = '', alias, datatype, unit, raw }: SparkplugMetric, isBirth: boolean): KnownMetric | undefined {
    const known = name === '' ? this.#byAlias.get(alias ?? NaN) : this.#byName.get(name);
    const called = known?.name ?? name;
    if (called === '') {
      return undefined;
    }
    const type = datatype ?? known?.type;
    const isTemplate = raw !== undefined && 'members' in raw;
    const metric =
      known !== undefined && type === known.type && (unit ?? known.unit) === known.unit
        ? known
        : {
            name: called,
            type,
            unit: unit ?? known?.unit,
            members: known?.members ?? (isTemplate ? new Metrics(this.#held) : undefined),
          };
    if ((isBirth || (alias !== undefined && name !== '')) && called.length <= MAX_NAME) {
      this.#remember(this.#byName, called, metric);
      if (alias !== undefined) {
        this.#remember(this.#byAlias, alias, metric);
      }
    }
    return metric;
  }

  #remember<Key>(metrics: Map<Key, KnownMetric>, key: Key, metric: KnownMetric): void {
    this.#held.count += metrics.has(key) ? 0 : 1;
    metrics.set(key, metric);
  }

  /**
   * The value of a metric; of a template an object of its members.
   *
   * @param unknown what to add members to that nobody has named.
   */
  valueOf(metric: SparkplugMetric, known: KnownMetric, isBirth: boolean, unknown: SparkplugMetric[]): unknown {
    const { raw, isNull } = metric;
    if (isNull === true || raw === undefined) {
      return null;
    }
    if (!('members' in raw)) {
      return readSparkplugValue(known.type, raw);
    }
    const object: Record<string, unknown> = {};
    const keys = new FreeKeys(object);
    const members = known.members ?? new Metrics({ count: 0 });
    for (const member of raw.members) {
      const { alias, datatype: type, unit } = member;
      const of =
        members.meet(member, isBirth) ??
        (alias === undefined ? { name: '', type, unit, members: undefined } : undefined);
      if (of === undefined) {
        unknown.push(member);
      } else {
        setOwn(object, keys.free(of.name), members.valueOf(member, of, isBirth, unknown));
      }
    }
    return object;
  }
}
