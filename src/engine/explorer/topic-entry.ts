import type { LastMessage } from '../explorer-protocol';

/** Levels of a topic that the tree has; the last one holds what follows it. */
const MAX_LEVELS = 32;

/** The time in which a rate falls to a third when messages end, in milliseconds. */
export const RATE_MS = 5_000;

/** Digits that numbers in names are filled up to. */
const DIGITS = 12;

/** A tree has many leaves. */
const NONE: readonly Entry[] = [];

/** A level of the tree. */
export interface Entry {
  readonly name: string;
  /** Its place in the order of names: see {@link sortKey}. */
  readonly key: string;
  readonly path: string;
  readonly depth: number;
  readonly parent: Entry | undefined;
  readonly children: Map<string, Entry>;
  /** The children in order, without those that were added since. */
  sorted: readonly Entry[];
  added: Entry[] | undefined;
  /** As a person has set it, during the search of this number. */
  open: boolean | undefined;
  openIn: number;
  /** Topics at and below it. */
  topics: number;
  /** Those of them that the search of this number finds. */
  found: number;
  foundIn: number;
  messages: number;
  /** A count that decays, and the time of its last decay: see {@link rateOf}. */
  score: number;
  scoredAt: number;
  readonly since: number;
  last: Last | undefined;
}

export interface Last {
  /** The topic in small letters, for the search. */
  readonly lower: string;
  bytes: Uint8Array;
  length: number;
  time: number;
  retained: boolean;
}

export function newEntry(name: string, parent: Entry | undefined, now: number, isFirst = false): Entry {
  return {
    name,
    key: sortKey(name),
    path: parent === undefined || isFirst ? name : `${parent.path}/${name}`,
    depth: parent === undefined ? -1 : parent.depth + 1,
    parent,
    children: new Map(),
    sorted: NONE,
    added: undefined,
    open: undefined,
    openIn: 0,
    topics: 0,
    found: 0,
    foundIn: 0,
    messages: 0,
    score: 0,
    scoredAt: now,
    since: now,
    last: undefined,
  };
}

export function newLast(topic: string): Last {
  return { lower: topic.toLowerCase(), bytes: new Uint8Array(0), length: 0, time: 0, retained: false };
}

export function levelsOf(topic: string): string[] {
  const levels = topic.split('/');
  return levels.length <= MAX_LEVELS
    ? levels
    : [...levels.slice(0, MAX_LEVELS - 1), levels.slice(MAX_LEVELS - 1).join('/')];
}

export function wordsOf(search: string): string[] {
  return search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** No wildcard in the first level matches a topic that begins with `$` [MQTT-4.7.2-1]. */
export function isHidden({ name }: Entry): boolean {
  return name.startsWith('$');
}

/** The children in order. Those that were added are merged into the others, which are in order already. */
export function sortedChildren(entry: Entry): readonly Entry[] {
  const { sorted, added } = entry;
  if (added !== undefined) {
    // Most branches have one child, or all children before they are sorted for the first time.
    const own = added.length === 1 ? added : added.toSorted(compareNames);
    entry.sorted = sorted.length === 0 ? own : merge(sorted, own);
    entry.added = undefined;
  }
  return entry.sorted;
}

/**
 * A text by which names are in the order in which people count: `2` before `10`, whatever their capitals and accents.
 * To compare two such texts takes a twentieth of the time of `Intl.Collator`.
 */
export function sortKey(name: string): string {
  const plain = /[\u0080-\uffff]/.test(name) ? name.normalize('NFD').replaceAll(/\p{M}/gu, '') : name;
  return plain.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(DIGITS, '0'));
}

/** Orders names as people do. */
export function compareNames(a: Pick<Entry, 'key' | 'name'>, b: Pick<Entry, 'key' | 'name'>): number {
  return compareTexts(a.key, b.key) || compareTexts(a.name, b.name);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function merge(one: readonly Entry[], other: readonly Entry[]): Entry[] {
  const all: Entry[] = [];
  let i = 0;
  for (const entry of other) {
    while (i < one.length && compareNames(one[i], entry) <= 0) {
      all.push(one[i++]);
    }
    all.push(entry);
  }
  while (i < one.length) {
    all.push(one[i++]);
  }
  return all;
}

/** How many messages there were, and a count of them that has decayed until now: see {@link rateOf}. */
export interface Counts {
  readonly messages: number;
  readonly score: number;
}

/** The counts of all topics at and below an entry. */
export function countsOf({ messages, score, scoredAt }: Entry, now: number): Counts {
  return { messages, score: score * Math.exp((scoredAt - now) / RATE_MS) };
}

/**
 * The counts of the topics at and below an entry that a search finds. They are worked out for the rows that are shown,
 * because there are many more topics than rows.
 *
 * @param foundOf how many topics at and below an entry it finds.
 */
export function foundCountsOf(entry: Entry, now: number, foundOf: (entry: Entry) => number): Counts {
  const all = countsOf(entry, now);
  let ownFound = foundOf(entry);
  if (ownFound === entry.topics) {
    return all;
  }
  let [messages, score, ownMessages, ownScore] = [0, 0, all.messages, all.score];
  for (const child of entry.children.values()) {
    const below = countsOf(child, now);
    ownMessages -= below.messages;
    ownScore -= below.score;
    const found = foundOf(child);
    if (found > 0) {
      const counts = foundCountsOf(child, now, foundOf);
      messages += counts.messages;
      score += counts.score;
      ownFound -= found;
    }
  }
  // A branch can be a topic, too, which the search finds or does not.
  return ownFound > 0
    ? { messages: messages + ownMessages, score: score + Math.max(0, ownScore) }
    : { messages, score };
}

/** Messages a second: of the last {@link RATE_MS}, or since the entry exists. */
export function rateOf({ score }: Counts, { since }: Entry, now: number): number {
  // A second at least: one message is no rate.
  const seen = Math.max(1_000, now - since);
  return (score / RATE_MS / (1 - Math.exp(-seen / RATE_MS))) * 1_000;
}

export function lastMessage({ bytes, length, time, retained }: Last): LastMessage {
  return { excerpt: excerptOf(bytes, length), length, time, retained };
}

/** The text of a payload's beginning in one line; its bytes if they are not text. */
export function excerptOf(bytes: Uint8Array, length: number): string {
  try {
    // A character that is cut at the end does not make a payload binary: `stream` leaves it out.
    return printable(new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: bytes.length < length }));
  } catch {
    return [...bytes.subarray(0, 40)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  }
}

/** Text in one line, without control characters. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ');
}
