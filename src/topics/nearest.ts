import { shareless } from './filter';
import { levelDistance } from './level-distance';

/** Differences that together are still near. */
const FARTHEST = 8;

/** Topics whose distance exceeds that of the nearest one by more than this are left out. */
const MAX_DIFFERENCE = 2;

/** A slash at either end that the other does not have. */
const SLASH = 1;

/** A level that the other does not have. */
const LEVEL = 4;

/** Topics of more levels than this are not compared for typing errors. */
const MAX_LEVELS = 64;

/**
 * Topics that somebody may have meant by a filter that matches no topic: they differ from the filter by capitals, a
 * slash at an end, singular and plural, a typing error or a level, and keep the wildcards of the filter. If there are
 * none, topics below the first levels of the filter.
 *
 * @param topics the topics that exist
 * @param most maximum number of results
 * @returns topics and filters, the nearest first; an empty list if nothing is near
 */
export function nearestTopics(filter: string, topics: Iterable<string>, most = 3): string[] {
  const plain = shareless(filter);
  const wanted = new Wanted(plain);
  // RabbitMQ delivers a point as a slash.
  const slashed = plain.includes('.') ? new Wanted(plain.replaceAll('.', '/')) : undefined;
  const near = new Map<string, number>();
  const below: Array<{ topic: string; levels: number }> = [];
  for (const topic of topics) {
    const levels = topic.split('/');
    if (levels.length > MAX_LEVELS) {
      continue;
    }
    let { text, distance } = wanted.nearest(levels);
    if (distance === 0) {
      return []; // it exists, and has been silent so far
    }
    const other = slashed?.nearest(levels);
    if (other !== undefined && other.distance + SLASH < distance) {
      text = other.text;
      distance = other.distance + SLASH;
    }
    if (distance <= FARTHEST) {
      near.set(text, Math.min(distance, near.get(text) ?? Infinity));
    } else if (near.size === 0) {
      below.push({ topic, levels: wanted.inCommon(levels) });
    }
  }
  if (near.size > 0) {
    const farthest = Math.min(...near.values()) + MAX_DIFFERENCE;
    const nearest = [...near].filter(([, distance]) => distance <= farthest);
    const byDistance = nearest.toSorted(([a, x], [b, y]) => x - y || compare(a, b));
    return byDistance.slice(0, most).map(([text]) => text);
  }
  const longest = below.reduce((longest, { levels }) => Math.max(longest, levels), 1);
  const nearest = below.filter(({ levels }) => levels === longest).map(({ topic }) => topic);
  return nearest.toSorted(compare).slice(0, most);
}

/** Below which filter topics are looked for; undefined if none would bring any that are near. */
export function rootFor(filter: string, root: string): string | undefined {
  const levels = shareless(filter).split('/');
  const [first] = levels;
  if (!first.startsWith('$')) {
    return levels.every((level) => level === '+' || level === '#') ? undefined : root;
  }
  // No wildcard in the first level matches a topic that begins with $ [MQTT-4.7.2-1].
  return first.toUpperCase() === '$SYS' ? '$SYS/#' : undefined;
}

/** A filter, split into its levels. */
class Wanted {
  readonly #before: number;
  readonly #after: number;
  readonly #levels: readonly string[];
  /** It ends with `#`, which stands for whatever follows. */
  readonly #open: boolean;

  constructor(filter: string) {
    const levels = filter.split('/');
    this.#open = levels.at(-1) === '#';
    if (this.#open) {
      levels.pop();
    }
    const { before, after, middle } = trimmed(levels);
    this.#before = before;
    this.#after = this.#open ? 0 : after;
    this.#levels = middle;
  }

  /** How far a topic is from it, and what the filter would be that matches it. */
  nearest(topic: readonly string[]): { text: string; distance: number } {
    const { before, after, middle } = trimmed(topic);
    let best = { distance: Infinity, levels: [] as string[] };
    // As it is, with a level more, and with a level less.
    for (const { wanted, given, cost } of alignments(this.#levels, middle, this.#open)) {
      const [distance, levels] = compareLevels(wanted, given, this.#open);
      if (distance + cost < best.distance) {
        best = { distance: distance + cost, levels };
      }
    }
    const ends = Math.abs(this.#before - before) + (this.#open ? 0 : Math.abs(this.#after - after));
    const tail = this.#open ? ['#'] : Array.from({ length: after }, () => '');
    const text = [...Array.from({ length: before }, () => ''), ...best.levels, ...tail].join('/');
    return { text, distance: best.distance + ends * SLASH };
  }

  /** Levels from the beginning that a topic has too; none where only wildcards do. */
  inCommon(topic: readonly string[]): number {
    const { middle } = trimmed(topic);
    let common = 0;
    let literal = 0;
    for (const [i, level] of this.#levels.entries()) {
      if (i >= middle.length || levelDistance(level, middle[i]) > 1) {
        break;
      }
      common = i + 1;
      literal = level === '+' ? literal : common;
    }
    return literal;
  }
}

/** `undefined` if the other side has a level more. */
type Levels = ReadonlyArray<string | undefined>;

interface Alignment {
  readonly wanted: Levels;
  readonly given: Levels;
  readonly cost: number;
}

/** The ways to lay levels side by side of which one side may have one more. */
function* alignments(wanted: Levels, given: Levels, open: boolean): Generator<Alignment> {
  const extra = given.length - wanted.length;
  if (extra === 0 || (open && extra > 0)) {
    yield { wanted, given, cost: 0 };
  }
  if (extra === 1 || (open && extra > 1)) {
    for (let i = 0; i <= wanted.length; i++) {
      yield { wanted: wanted.toSpliced(i, 0, undefined), given, cost: LEVEL };
    }
  }
  if (extra === -1 || (open && extra >= 0)) {
    // Not the last one before a "#": that would be all that there is in its place.
    for (let i = 0; i < wanted.length - (open ? 1 : 0); i++) {
      yield { wanted, given: given.toSpliced(i, 0, undefined), cost: LEVEL };
    }
  }
}

/** How far levels side by side are from each other, and those that would match. */
function compareLevels(wanted: Levels, given: Levels, open: boolean): [distance: number, levels: string[]] {
  let distance = 0;
  let literal = false;
  const levels: string[] = [];
  for (let i = 0; i < (open ? wanted.length : Math.max(wanted.length, given.length)); i++) {
    const [ours, theirs] = [wanted[i], given[i]];
    if (theirs === undefined) {
      continue; // counted as a level less
    }
    if (ours !== undefined) {
      distance += levelDistance(ours, theirs);
      literal ||= ours !== '+';
    }
    levels.push(ours === '+' ? '+' : theirs);
  }
  // With nothing but wildcards in common, anything would do.
  return [literal ? distance : Infinity, levels];
}

/** Without the empty levels that slashes at the ends make. */
function trimmed(levels: readonly string[]): { before: number; after: number; middle: string[] } {
  const first = levels.findIndex((level) => level !== '');
  const last = levels.findLastIndex((level) => level !== '');
  return first === -1
    ? { before: 0, after: 0, middle: [...levels] }
    : { before: first, after: levels.length - 1 - last, middle: levels.slice(first, last + 1) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
