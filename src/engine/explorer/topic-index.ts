import type { Completion, FilterMatches, TopicRow } from '../explorer-protocol';
import {
  compareNames,
  countsOf,
  type Entry,
  foundCountsOf,
  isHidden,
  lastMessage,
  levelsOf,
  newEntry,
  newLast,
  RATE_MS,
  rateOf,
  sortedChildren,
  sortKey,
  wordsOf,
} from './topic-entry';

/** Bytes of a payload that are stored for its row. */
const EXCERPT_BYTES = 160;

/** A tree with at most so many topics is shown with all its branches open. */
const SMALL_TREE = 60;

/** A search that finds at most so many topics is shown with all its branches open; nobody scrolls through more. */
const MAX_OPEN_FOUND = 2_000;

const MAX_COMPLETIONS = 100;

/** Topics of a filter that are named. */
const MAX_NAMED = 3;

/**
 * The topics that an explorer has seen, as a tree with what a person wants to know of each: how many messages, how
 * often, the last value. Only the rows that are shown are made.
 */
export class TopicIndex {
  readonly #maxTopics: number;
  readonly #root: Entry;
  readonly #topics = new Map<string, Entry>();
  /** The rows of the tree; stale if topics were added, or branches opened or closed, since. */
  #rows: Entry[] = [];
  #isStale = true;
  #wasToggled = true;
  #search = '';
  #words: readonly string[] = [];
  /** Counts searches: what entries know of an earlier one is void, so that none of them has to be visited. */
  #searches = 0;
  /** The topics that the search finds. */
  #hits: Entry[] = [];
  #isSmall: boolean | undefined;
  messages = 0;
  bytes = 0;
  /** Messages of topics beyond the limit. */
  skipped = 0;

  /** @param now milliseconds since the epoch. */
  constructor(maxTopics: number, now: number) {
    this.#maxTopics = maxTopics;
    this.#root = newEntry('', undefined, now);
  }

  get size(): number {
    return this.#topics.size;
  }

  /** Topics that the search finds. */
  get found(): number {
    return this.#foundOf(this.#root);
  }

  /**
   * @param payload is not stored, except its beginning.
   * @param retain the message is retained, and says nothing about the rate.
   */
  add(topic: string, payload: Uint8Array, retain: boolean, now: number): void {
    this.messages++;
    this.bytes += payload.length;
    let entry = this.#topics.get(topic);
    if (entry === undefined) {
      if (this.#topics.size >= this.#maxTopics) {
        this.skipped++;
        return;
      }
      entry = this.#open(topic, now);
    }
    if (entry.last === undefined) {
      entry.last = newLast(topic);
      this.#check(entry);
    }
    const { last } = entry;
    last.bytes = payload.slice(0, EXCERPT_BYTES);
    last.length = payload.length;
    last.time = now;
    // An empty payload clears the retained message of its topic [MQTT-3.3.1-10].
    last.retained = payload.length > 0 && (retain || last.retained);
    for (let each: Entry | undefined = entry; each !== undefined; each = each.parent) {
      each.messages++;
      if (!retain) {
        each.score = each.score * Math.exp((each.scoredAt - now) / RATE_MS) + 1;
        each.scoredAt = now;
      }
    }
  }

  /** Messages a second of all topics, without retained ones. */
  rate(now: number): number {
    return rateOf(countsOf(this.#root, now), this.#root, now);
  }

  /** From now on, new topics do not change which branches are open without a click. */
  settle(): void {
    this.#isSmall ??= this.#topics.size <= SMALL_TREE;
  }

  /** Opens or closes a branch. */
  toggle(path: string, open: boolean): void {
    let entry: Entry | undefined = this.#root;
    for (const level of levelsOf(path)) {
      entry = entry?.children.get(level);
    }
    if (entry !== undefined) {
      entry.open = open;
      entry.openIn = this.#searches;
      this.#isStale = this.#wasToggled = true;
    }
  }

  /**
   * The rows of the tree from `first` on.
   *
   * @param hold keeps the rows of the last call in their places.
   * @returns the rows, and how many the whole tree has.
   */
  rows(
    { search, first, count, hold = false }: { search: string; first: number; count: number; hold?: boolean },
    now: number
  ): { total: number; first: number; rows: TopicRow[] } {
    const isOther = search !== this.#search;
    if (isOther) {
      this.#setSearch(search);
    }
    if (isOther || (this.#isStale && (!hold || this.#wasToggled))) {
      this.#rows = this.#flatten();
      this.#isStale = this.#wasToggled = false;
    }
    const all = this.#rows;
    const from = Math.max(0, Math.min(first, all.length - count));
    const rows = all.slice(from, from + count).map((entry) => this.#rowOf(entry, now));
    return { total: all.length, first: from, rows };
  }

  /** The topics that a filter matches. @param filter a valid one. */
  matches(filter: string): FilterMatches {
    const levels = filter.split('/');
    const topics: string[] = [];
    const count = this.#match(levels, (topic) => topics.push(topic) < MAX_NAMED);
    return {
      filter,
      count,
      topics,
      levels: levels.map((level, i) => (level === '+' || level === '#' ? count : this.#match(levels.with(i, '+')))),
    };
  }

  /**
   * How a line of the topic field can continue: the levels that exist at its end, or else the topics that contain it.
   * Named levels match any level.
   */
  complete(line: string): Completion[] {
    const levels = line.split('/');
    const partial = levels.at(-1)!;
    const before = levels.slice(0, -1);
    const found = new Map<string, { name: string; key: string; topics: number; branch: boolean }>();
    for (const entry of this.#entriesAt(before)) {
      for (const child of entry.children.values()) {
        if (child.name.toLowerCase().startsWith(partial.toLowerCase())) {
          const known = found.get(child.name);
          found.set(child.name, {
            name: child.name,
            key: child.key,
            topics: child.topics + (known?.topics ?? 0),
            branch: child.children.size > 0 || known?.branch === true,
          });
        }
      }
    }
    const completions = [...found.values()]
      .toSorted(compareNames)
      .slice(0, MAX_COMPLETIONS)
      .map(({ name, topics, branch }): Completion => {
        return { line: [...before, name].join('/'), label: name, topics, branch };
      });
    return completions.length > 0 ? completions : this.#containing(line);
  }

  #containing(line: string): Completion[] {
    const words = wordsOf(line);
    const topics: Completion[] = [];
    if (words.length === 0 || /[+#{}$]/.test(line)) {
      return topics;
    }
    for (const [topic, { last }] of this.#topics) {
      if (words.every((word) => last?.lower.includes(word))) {
        topics.push({ line: topic, label: topic, topics: 1, branch: false });
        if (topics.length === MAX_COMPLETIONS) {
          break;
        }
      }
    }
    return topics.toSorted((a, b) =>
      compareNames({ name: a.label, key: sortKey(a.label) }, { name: b.label, key: sortKey(b.label) })
    );
  }

  #entriesAt(levels: readonly string[]): Entry[] {
    let entries = [this.#root];
    for (const [i, level] of levels.entries()) {
      entries =
        level === '#' || level.endsWith('#}')
          ? []
          : level === '+' || /^\{.*\}$/.test(level)
            ? entries.flatMap(({ children }) => [...children.values()].filter((child) => i > 0 || !isHidden(child)))
            : entries.flatMap(({ children }) => children.get(level) ?? []);
    }
    return entries;
  }

  /** @param onTopic called with each topic, until it returns false. */
  #match(levels: readonly string[], onTopic?: (topic: string) => boolean): number {
    let count = 0;
    let isNaming = onTopic !== undefined;
    const walk = (entry: Entry, at: number): void => {
      const level = levels[at];
      if (level === '#' && entry !== this.#root && !isNaming) {
        count += entry.topics;
        return;
      }
      if ((level === undefined || level === '#') && entry.last !== undefined && entry !== this.#root) {
        count++;
        isNaming &&= onTopic!(entry.path);
      }
      if (level === '#' || level === '+') {
        for (const child of entry.children.values()) {
          if (at > 0 || entry !== this.#root || !isHidden(child)) {
            walk(child, level === '#' ? at : at + 1);
          }
        }
      } else if (level !== undefined) {
        const child = entry.children.get(level);
        if (child !== undefined) {
          walk(child, at + 1);
        }
      }
    };
    walk(this.#root, 0);
    return count;
  }

  #open(topic: string, now: number): Entry {
    let entry = this.#root;
    entry.topics++;
    for (const level of levelsOf(topic)) {
      let child = entry.children.get(level);
      if (child === undefined) {
        child = newEntry(level, entry, now, entry === this.#root);
        entry.children.set(level, child);
        (entry.added ??= []).push(child);
        this.#isStale = true;
      }
      child.topics++;
      entry = child;
    }
    this.#topics.set(topic, entry);
    return entry;
  }

  /** A new search shows what it finds, whatever was closed before. */
  #setSearch(search: string): void {
    const words = wordsOf(search);
    // Somebody who goes on typing narrows the search.
    const isNarrower = this.#words.length > 0 && search.startsWith(this.#search);
    const candidates = isNarrower ? this.#hits : this.#topics.values();
    this.#search = search;
    this.#words = words;
    this.#searches++;
    this.#hits = [];
    if (words.length > 0) {
      for (const entry of candidates) {
        this.#check(entry);
      }
    }
  }

  /** Counts a topic that the search finds, at all its levels. */
  #check(topic: Entry): void {
    if (this.#words.length === 0 || !this.#words.every((word) => topic.last?.lower.includes(word))) {
      return;
    }
    this.#hits.push(topic);
    for (let entry: Entry | undefined = topic; entry !== undefined; entry = entry.parent) {
      entry.found = this.#foundOf(entry) + 1;
      entry.foundIn = this.#searches;
    }
  }

  #foundOf(entry: Entry): number {
    return this.#words.length === 0 ? entry.topics : entry.foundIn === this.#searches ? entry.found : 0;
  }

  #flatten(): Entry[] {
    const rows: Entry[] = [];
    const walk = (entry: Entry): void => {
      for (const child of sortedChildren(entry)) {
        if (this.#foundOf(child) > 0) {
          rows.push(child);
          if (child.children.size > 0 && this.#isOpen(child)) {
            walk(child);
          }
        }
      }
    };
    walk(this.#root);
    return rows;
  }

  #isOpen(entry: Entry): boolean {
    const chosen = entry.openIn === this.#searches ? entry.open : undefined;
    const isSmall =
      this.#words.length > 0 ? this.#hits.length <= MAX_OPEN_FOUND : (this.#isSmall ?? this.#topics.size <= SMALL_TREE);
    return chosen ?? isSmall;
  }

  #rowOf(entry: Entry, now: number): TopicRow {
    const { path, name, depth, children, last } = entry;
    const counts = foundCountsOf(entry, now, (each) => this.#foundOf(each));
    return {
      path,
      name,
      depth,
      ...(children.size === 0 ? undefined : { open: this.#isOpen(entry) }),
      topics: this.#foundOf(entry),
      messages: counts.messages,
      rate: rateOf(counts, entry, now),
      ...(last === undefined ? undefined : { last: lastMessage(last) }),
    };
  }
}
