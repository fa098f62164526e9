import type { LastMessage } from '../explorer-protocol';

/** Levels of a topic that the tree has; the last one holds what follows it. */
const MAX_LEVELS = 32;

/** The time in which a rate falls to a third when messages end, in milliseconds. */
export const RATE_MS = 5_000;

/** More names than this are sorted by their characters: `10` before `2`, and twenty times faster. */
const MAX_NATURAL = 2_000;

/** Orders names as people do: `2` before `10`. */
export const collator = new Intl.Collator('en', { numeric: true });

/** A level of the tree. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly depth: number;
  readonly parent: Entry | undefined;
  readonly children: Map<string, Entry>;
  /** The children in order; undefined after a child was added. */
  sorted: Entry[] | undefined;
  /** As a person has set it. */
  open: boolean | undefined;
  /** Topics at and below it, and those that the search finds. */
  topics: number;
  found: number;
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
    path: parent === undefined || isFirst ? name : `${parent.path}/${name}`,
    depth: parent === undefined ? -1 : parent.depth + 1,
    parent,
    children: new Map(),
    sorted: undefined,
    open: undefined,
    topics: 0,
    found: 0,
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

export function sortedChildren(entry: Entry): readonly Entry[] {
  if (entry.sorted === undefined) {
    const children = [...entry.children.values()];
    entry.sorted =
      children.length <= MAX_NATURAL
        ? children.toSorted((a, b) => collator.compare(a.name, b.name))
        : children.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
  return entry.sorted;
}

/** Messages a second: of the last {@link RATE_MS}, or since the entry exists. */
export function rateOf({ score, scoredAt, since }: Entry, now: number): number {
  // A second at least: one message is no rate.
  const seen = Math.max(1_000, now - since);
  const decayed = score * Math.exp((scoredAt - now) / RATE_MS);
  return (decayed / RATE_MS / (1 - Math.exp(-seen / RATE_MS))) * 1_000;
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
