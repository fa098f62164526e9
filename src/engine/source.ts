import { covers, FilterTrie, isShared } from '../topics';
import { isGrantedInVain } from './broker-quirks/unsent-messages';
import type { Session } from './session-set';
import { highestQos, type WantedFilter, type WantedFilters } from './wanted-filters';

/** A filter that one of the sessions subscribes to. Messages of all wanted filters that it covers come with it. */
export interface Source {
  readonly filter: string;
  /** Whether it has wildcards. */
  readonly isWide: boolean;
  readonly qos: 0 | 1 | 2;
  /** The subscription identifier; older sources have lower ones. */
  readonly id: number;
  readonly session: Session;
  isGranted: boolean;
  /** When it was asked for or granted, by `performance.now()`. */
  since: number;
  /** It is unsubscribed as soon as its messages are taken from other sources. */
  isLeaving: boolean;
  /** It has brought a message. */
  isProven: boolean;
}

/**
 * Whether another source has shown to bring all that this one brings, whose retained messages have come.
 *
 * @param covering the sources that cover it.
 * @param before when both were granted at the latest, by `performance.now()`.
 */
export function isReplaced(source: Source, covering: readonly Source[], before: number): boolean {
  const others = covering.filter((other) => other.isGranted && other.since < before && other.session.isUp);
  return (
    source.isGranted &&
    source.since < before &&
    others.some((other) =>
      other.filter === source.filter ? other.qos > source.qos || other.id < source.id : other.isProven
    )
  );
}

/** The sources of all sessions. */
export class SourceSet {
  readonly #all = new Set<Source>();
  readonly #trie = new FilterTrie<Source>();
  readonly #byName = new Map<string, Source[]>();

  all(): Source[] {
    return [...this.#all];
  }

  add(source: Source): void {
    this.#all.add(source);
    this.#trie.add(source.filter, source);
    this.#byName.set(source.filter, [...this.named(source.filter), source]);
  }

  delete(source: Source): void {
    this.#all.delete(source);
    this.#trie.delete(source.filter, source);
    const others = this.named(source.filter).filter((other) => other !== source);
    if (others.length === 0) {
      this.#byName.delete(source.filter);
    } else {
      this.#byName.set(source.filter, others);
    }
  }

  /** The sources of this very filter, in all sessions. */
  named(filter: string): readonly Source[] {
    return this.#byName.get(filter) ?? [];
  }

  /** The sources whose filters match a topic, oldest first. */
  matching(topic: string): Source[] {
    return [...this.#trie.match(topic)].toSorted((a, b) => a.id - b.id);
  }

  /** The source of this very filter. */
  own(filter: string): Source | undefined {
    return this.named(filter).find(({ isLeaving }) => !isLeaving);
  }

  /** The sources that bring all messages of a filter, with a QoS that is high enough. */
  covering(wanted: WantedFilter, filters: WantedFilters, qos = highestQos(wanted)): Source[] {
    return this.#around(wanted.name).filter(
      (source) =>
        !source.isLeaving &&
        source.qos >= qos &&
        (source.filter === wanted.name ||
          (source.isWide && !isGrantedInVain(source) && filters.mayCover(source.filter, wanted)))
    );
  }

  /**
   * Since when messages are missing that came over a session that was away: other sessions bring some of them.
   *
   * @param lostAt when it was lost, in milliseconds since 1970.
   * @returns milliseconds since 1970; `Infinity` if none are.
   */
  missesSince(session: Session, lostAt: number, filters: WantedFilters): number {
    const since = this.all()
      .filter((source) => source.session === session)
      .map(({ filter }) => {
        const wanted = filters.get(filter);
        const others = wanted === undefined ? [] : this.covering(wanted, filters, 0);
        return Math.max(
          wanted === undefined ? Infinity : lostAt,
          ...others
            .filter((other) => other.session !== session && other.isGranted)
            .map((other) => (other.session.isUp ? Infinity : (other.session.lostAt ?? lostAt)))
        );
      });
    return Math.min(Infinity, ...since);
  }

  /** The sources that bring the messages of a filter, also with a lower QoS, or until they can leave. */
  serving(filter: string): Source[] {
    return this.#around(filter).filter((source) => source.filter === filter || covers(source.filter, filter));
  }

  /** All that cover a filter, and some that do not: a filter in place of a topic finds those. */
  #around(filter: string): Source[] {
    return isShared(filter)
      ? [...this.named(filter)]
      : [...this.#trie.match(filter)].filter((each) => !isShared(each.filter));
  }
}
