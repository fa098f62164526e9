import type { Program } from './pattern';

/** Groups that a program found: where each begins and ends, by twos; -1 where it took no part; then its other slots. */
export type Found = readonly number[];

/** A way that saves a place has slots of its own from there on; copying so many takes some tenths of a second. */
const MAX_COPIED = 100_000_000;

/** The text has too many ways through a program of many groups: what it would cost is out of all proportion. */
export class TooManyWays extends Error {}

/** The ways that are open at one place of the text, the better ones first, each with its groups. */
interface Threads {
  readonly at: Int32Array;
  readonly groups: Found[];
  count: number;
}

function noThreads(size: number): Threads {
  return { at: new Int32Array(size), groups: [], count: 0 };
}

/**
 * Finds the first place in a text that a program matches, and of the ways to match there the one that JavaScript
 * would take: all ways are followed at once (Pike's machine), so that time is at most text times program, whatever
 * the pattern. Where JavaScript goes forth and back, `(a+)+$` and its kin take it years.
 */
export class Machine {
  readonly #program: Program;
  readonly #none: Found;
  /**
   * The last position at which each instruction was reached, counted over all texts: further ways to it there are
   * worse.
   */
  readonly #seen: Float64Array;
  #now: Threads;
  #next: Threads;
  #text = '';
  /** Slots copied for this text. */
  #copied = 0;
  /** The offset that makes a position in this text different from all in earlier texts. */
  #base = 0;

  constructor(program: Program) {
    const size = program.instructions.length;
    this.#program = program;
    this.#none = Array.from({ length: program.slots }, () => -1);
    this.#seen = new Float64Array(size).fill(-1);
    this.#now = noThreads(size);
    this.#next = noThreads(size);
  }

  /**
   * @returns `undefined` if it matches nowhere.
   * @throws {TooManyWays}
   */
  run(text: string): Found | undefined {
    this.#text = text;
    this.#copied = 0;
    this.#now.count = 0;
    try {
      return this.#search();
    } finally {
      this.#base += text.length + 1;
    }
  }

  #search(): Found | undefined {
    const text = this.#text;
    const { instructions } = this.#program;
    let found: Found | undefined;
    for (let place = 0; ; place++) {
      const now = this.#now;
      const next = this.#next;
      if (found === undefined) {
        this.#follow(place, now, 0, this.#none);
      }
      next.count = 0;
      const code = text.charCodeAt(place);
      for (let i = 0; i < now.count; i++) {
        const instruction = instructions[now.at[i]];
        if (instruction.op === 'match') {
          // The ways behind this one are worse.
          found = now.groups[i];
          break;
        }
        if (instruction.op === 'char' && place < text.length && instruction.matches(code)) {
          this.#follow(place + 1, next, now.at[i] + 1, now.groups[i]);
        }
      }
      if (place >= text.length || (found !== undefined && next.count === 0)) {
        return found;
      }
      this.#now = next;
      this.#next = now;
    }
  }

  /** Adds a way, and all that it can become before the next character is read. */
  #follow(place: number, threads: Threads, start: number, groups: Found): void {
    for (let at = start; ;) {
      if (this.#seen[at] === this.#base + place) {
        return;
      }
      this.#seen[at] = this.#base + place;
      const instruction = this.#program.instructions[at];
      switch (instruction.op) {
        case 'jump':
          at = instruction.x;
          break;
        case 'split':
          this.#follow(place, threads, instruction.x, groups);
          at = instruction.y;
          break;
        case 'save':
          groups = this.#copy(groups, instruction.x, instruction.x + 1, place);
          at++;
          break;
        case 'clear':
          for (let i = instruction.x; i < instruction.y; i++) {
            if (groups[i] >= 0) {
              groups = this.#copy(groups, i, instruction.y, -1);
              break;
            }
          }
          at++;
          break;
        case 'progress':
          if (groups[instruction.x] === place) {
            return;
          }
          at++;
          break;
        case 'assert':
          if (!holds(instruction.kind, this.#text, place, this.#program.multiline)) {
            return;
          }
          at++;
          break;
        default:
          threads.at[threads.count] = at;
          threads.groups[threads.count++] = groups;
          return;
      }
    }
  }

  /** The slots, of which those from `from` on and before `to` have another value. */
  #copy(groups: Found, from: number, to: number, value: number): Found {
    this.#copied += groups.length;
    if (this.#copied > MAX_COPIED) {
      throw new TooManyWays();
    }
    return groups.slice().fill(value, from, to);
  }
}

const LINE_END = /[\n\r\u2028\u2029]/;

function holds(kind: 'begin' | 'end' | 'border' | 'inner', text: string, place: number, multiline: boolean): boolean {
  switch (kind) {
    case 'begin':
      return place === 0 || (multiline && LINE_END.test(text[place - 1]));
    case 'end':
      return place === text.length || (multiline && LINE_END.test(text[place]));
    default:
      return (isWord(text, place - 1) !== isWord(text, place)) === (kind === 'border');
  }
}

function isWord(text: string, place: number): boolean {
  return place >= 0 && place < text.length && /\w/.test(text[place]);
}
