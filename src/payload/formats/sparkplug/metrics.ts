import type { SparkplugMetric } from './proto';
import { readSparkplugValue } from './values';
import { FreeKeys, setOwn } from '../values';

/** Longer names are no names, and are not remembered. */
export const MAX_NAME = 500;

/** The definition of a metric in a birth. */
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
   * The name, type and unit of a metric, from itself and from what earlier messages said of it.
   *
   * @param isBirth whether to remember what it says of itself. Data teaches only the alias of a name.
   * @returns `undefined` if neither the metric nor an earlier message says its name.
   */
  identify(metric: SparkplugMetric, isBirth: boolean): KnownMetric | undefined {
    const { name = '', alias } = metric;
    const known = name === '' ? this.#byAlias.get(alias ?? NaN) : this.#byName.get(name);
    const own = known?.name ?? name;
    if (own === '') {
      return undefined;
    }
    const merged = this.#merge(own, metric, known);
    const teaches = isBirth || (alias !== undefined && name !== '');
    if (teaches && own.length <= MAX_NAME) {
      this.#remember(this.#byName, own, merged);
      if (alias !== undefined) {
        this.#remember(this.#byAlias, alias, merged);
      }
    }
    return merged;
  }

  #merge(name: string, metric: SparkplugMetric, known: KnownMetric | undefined): KnownMetric {
    const { datatype: type = known?.type, unit = known?.unit, raw } = metric;
    if (known !== undefined && type === known.type && unit === known.unit) {
      return known;
    }
    const isTemplate = raw !== undefined && 'members' in raw;
    return { name, type, unit, members: known?.members ?? (isTemplate ? new Metrics(this.#held) : undefined) };
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
        members.identify(member, isBirth) ??
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
