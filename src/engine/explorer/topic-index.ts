import type { Completion, FilterMatches, TopicRow } from '../explorer-protocol';
import {
  collator,
  type Entry,
  isHidden,
  lastMessage,
  levelsOf,
  newEntry,
  newLast,
  RATE_MS,
  rateOf,
  sortedChildren,
  wordsOf,
} from './topic-entry';

/** Bytes of a payload that are stored for its row. */
const EXCERPT_BYTES = 160;

/** A tree with at most so many topics is shown with all its branches open. */
const SMALL_TREE = 60;

const MAX_COMPLETIONS = 12;

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
  #rows: Entry[] | undefined;
  #search = '';
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
    return this.#root.found;
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
    const last = (entry.last ??= newLast(topic));
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
    return rateOf(this.#root, now);
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
      this.#rows = undefined;
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
    if (this.#rows === undefined || !hold || search !== this.#search) {
      if (search !== this.#search) {
        this.#forgetOpen();
      }
      this.#search = search;
      this.#rows = this.#flatten(wordsOf(search));
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
    const count = this.#match(levels, (topic) => topics.length < MAX_NAMED && topics.push(topic));
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
    const found = new Map<string, { topics: number; branch: boolean }>();
    for (const entry of this.#entriesAt(before)) {
      for (const child of entry.children.values()) {
        if (child.name.toLowerCase().startsWith(partial.toLowerCase())) {
          const known = found.get(child.name);
          found.set(child.name, {
            topics: child.topics + (known?.topics ?? 0),
            branch: child.children.size > 0 || known?.branch === true,
          });
        }
      }
    }
    const names = [...found.keys()].toSorted((a, b) => collator.compare(a, b)).slice(0, MAX_COMPLETIONS);
    const completions = names.map((name): Completion => {
      const { topics, branch } = found.get(name)!;
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
    return topics.toSorted((a, b) => collator.compare(a.label, b.label));
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

  #match(levels: readonly string[], onTopic: (topic: string) => unknown = () => undefined): number {
    let count = 0;
    const walk = (entry: Entry, at: number): void => {
      const level = levels[at];
      if ((level === undefined || level === '#') && entry.last !== undefined && entry !== this.#root) {
        count++;
        onTopic(entry.path);
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
        entry.sorted = undefined;
      }
      child.topics++;
      entry = child;
    }
    this.#topics.set(topic, entry);
    return entry;
  }

  /** A new search shows what it finds, whatever was closed before. */
  #forgetOpen(): void {
    const walk = (entry: Entry): void => {
      entry.open = undefined;
      entry.children.forEach(walk);
    };
    walk(this.#root);
  }

  #flatten(words: readonly string[]): Entry[] {
    this.#find(this.#root, words);
    const rows: Entry[] = [];
    const walk = (entry: Entry): void => {
      for (const child of sortedChildren(entry)) {
        if (child.found > 0) {
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

  #find(entry: Entry, words: readonly string[]): number {
    let found = entry.last !== undefined && words.every((word) => entry.last?.lower.includes(word)) ? 1 : 0;
    if (words.length === 0) {
      found = entry.topics;
      entry.children.forEach((child) => this.#find(child, words));
    } else {
      for (const child of entry.children.values()) {
        found += this.#find(child, words);
      }
    }
    entry.found = found;
    return found;
  }

  #isOpen(entry: Entry): boolean {
    return entry.open ?? (this.#search.trim() !== '' || (this.#isSmall ?? this.#topics.size <= SMALL_TREE));
  }

  #rowOf(entry: Entry, now: number): TopicRow {
    const { path, name, depth, found, messages, children, last } = entry;
    return {
      path,
      name,
      depth,
      ...(children.size === 0 ? undefined : { open: this.#isOpen(entry) }),
      topics: found,
      messages,
      rate: rateOf(entry, now),
      ...(last === undefined ? undefined : { last: lastMessage(last) }),
    };
  }
}
