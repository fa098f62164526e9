import { count } from '../../../utils/format-number';
import { messageOf } from '../../../utils/errors';
import { canBeEmpty, isDeterministic } from './determinism';

/** The instructions of a program; `x` and `y` are the operands. */
export type Instruction =
  | { readonly op: 'char'; readonly matches: (code: number) => boolean }
  /** Goes on at both places, at `x` rather than at `y`. */
  | { readonly op: 'split'; x: number; y: number }
  | { readonly op: 'jump'; x: number }
  | { readonly op: 'save'; readonly x: number }
  /** Forgets the groups from `x` on and before `y`: an iteration begins (ECMA-262, 22.2.2.3.1, step 4). */
  | { readonly op: 'clear'; readonly x: number; readonly y: number }
  | { readonly op: 'assert'; readonly kind: 'begin' | 'end' | 'border' | 'inner' }
  /** Gives up where nothing was read since the place that `x` holds (ECMA-262, 22.2.2.3.1, step 2.b). */
  | { readonly op: 'progress'; readonly x: number }
  | { readonly op: 'match' };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** The names of its groups, in order. */
  readonly groups: readonly string[];
  /** Places that a way through it remembers: two for each group, then those that `progress` looks at. */
  readonly slots: number;
  /** Whether `^` and `$` match at line ends, too. */
  readonly multiline: boolean;
  /** The pattern for JavaScript's own engine, if that cannot run away with it: see `isDeterministic`. */
  readonly native: RegExp | undefined;
}

/** For each of the 128 characters of ASCII, whether a part matches it; the last entry: whether it may match others. */
export type CharacterSet = Uint8Array;

/** A pattern that is not taken, with the reason in words. */
export class PatternError extends Error {}

/** Instructions of a program. A repetition that is counted is written out as often, so that counts multiply. */
export const MAX_INSTRUCTIONS = 2_000;

/** A part of a pattern. */
export type Node =
  | { readonly kind: 'char'; readonly matches: (code: number) => boolean; readonly set: CharacterSet }
  | { readonly kind: 'assert'; readonly assert: 'begin' | 'end' | 'border' | 'inner' }
  | { readonly kind: 'all'; readonly nodes: readonly Node[] }
  | { readonly kind: 'any'; readonly nodes: readonly Node[] }
  | { readonly kind: 'group'; readonly index: number; readonly node: Node }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly least: number;
      readonly most: number;
      readonly greedy: boolean;
      /** The groups within. */
      readonly from: number;
      readonly to: number;
    };

/**
 * Compiles a regular expression of JavaScript for `run`, which reads each character once and so cannot run away.
 * It means what it means in JavaScript; `(?i)`, `(?m)` and `(?s)` at the beginning set flags. Refused is what needs to
 * go back (back-references, looking ahead or behind), and what repeats something that can match nothing: the few ways
 * that a machine of this kind drops there are the ones that JavaScript would take.
 *
 * @throws {PatternError}
 */
export function compilePattern(pattern: string): Program {
  const [, given = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  const source = given === '' ? pattern : pattern.slice(given.length + 3);
  try {
    // oxlint-disable-next-line no-new -- it throws where the syntax is wrong, and says why
    new RegExp(source);
  } catch (error) {
    throw new PatternError(`The pattern is not a regular expression: ${messageOf(error)}.`);
  }
  const parser = new Parser(source, given.replace('m', ''));
  const node = parser.alternatives();
  if (parser.groups.length === 0) {
    throw new PatternError(
      'The pattern has no named group. Write (?<name>…) around each part that is to become a field.'
    );
  }
  const emitter = new Emitter(2 * parser.groups.length);
  emitter.emit(node);
  emitter.push({ op: 'match' });
  return {
    instructions: emitter.instructions,
    groups: parser.groups,
    slots: emitter.slots,
    multiline: given.includes('m'),
    native: isDeterministic(node) ? new RegExp(source, given) : undefined,
  };
}

class Parser {
  readonly groups: string[] = [];
  #at = 0;

  constructor(
    readonly source: string,
    readonly flags: string
  ) {}

  alternatives(): Node {
    const nodes = [this.#sequence()];
    while (this.#takes('|')) {
      nodes.push(this.#sequence());
    }
    return nodes.length === 1 ? nodes[0] : { kind: 'any', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.source.length && this.source[this.#at] !== '|' && this.source[this.#at] !== ')') {
      const from = this.groups.length;
      nodes.push(this.#repeated(this.#term(), from));
    }
    return nodes.length === 1 ? nodes[0] : { kind: 'all', nodes };
  }

  #repeated(node: Node, from: number): Node {
    const match = this.#match(/[*+?]|\{(\d+)(?:(,)(\d*))?\}/y);
    if (match === undefined) {
      return node;
    }
    const [sign, count, comma, limit] = match;
    const least = count === undefined ? (sign === '+' ? 1 : 0) : Number(count);
    const most =
      count === undefined
        ? sign === '?'
          ? 1
          : Infinity
        : comma === undefined
          ? least
          : limit === ''
            ? Infinity
            : Number(limit);
    return { kind: 'repeat', node, least, most, greedy: !this.#takes('?'), from, to: this.groups.length };
  }

  #term(): Node {
    const begin = this.#at;
    switch (this.source[begin]) {
      case '^':
        this.#at++;
        return { kind: 'assert', assert: 'begin' };
      case '$':
        this.#at++;
        return { kind: 'assert', assert: 'end' };
      case '(':
        return this.#group();
      case '[':
        for (this.#at++; this.source[this.#at] !== ']'; this.#at++) {
          if (this.source[this.#at] === '\\') {
            this.#at++;
          }
        }
        this.#at++;
        break;
      case '\\':
        if (this.#match(/\\[1-9k]/y) !== undefined) {
          throw new PatternError(
            `The pattern has a back-reference (${this.source.slice(begin, begin + 3)}…), which is not supported, because it can take very long.`
          );
        }
        if (this.#match(/\\[pP]\{/y) !== undefined) {
          throw new PatternError(
            'The pattern has a Unicode property (\\p{…}), which is not supported. List the characters: [A-Za-zÀ-ž].'
          );
        }
        if (this.#match(/\\[bB]/y) !== undefined) {
          return { kind: 'assert', assert: this.source[begin + 1] === 'b' ? 'border' : 'inner' };
        }
        this.#match(/\\(?:x[\da-f]{2}|u[\da-f]{4}|c[a-z]|[^])/iy);
        break;
      default:
        this.#at++;
    }
    return { kind: 'char', ...matcher(this.source.slice(begin, this.#at), this.flags) };
  }

  #group(): Node {
    if (this.#match(/\(\?<?[=!]/y) !== undefined) {
      throw new PatternError(
        'The pattern looks ahead or behind ((?=…), (?!…), (?<=…), (?<!…)), which is not supported, because it can take very long.'
      );
    }
    const name = this.#match(/\(\?<([^>]+)>/y)?.[1];
    if (name === undefined && this.#match(/\((?:\?:)?(?!\?)/y) === undefined) {
      throw new PatternError(
        `The pattern has ${JSON.stringify(this.source.slice(this.#at, this.#at + 4))}, which is not supported.`
      );
    }
    const index = name === undefined ? -1 : this.groups.push(name) - 1;
    const node = this.alternatives();
    this.#takes(')');
    return index < 0 ? node : { kind: 'group', index, node };
  }

  #takes(character: string): boolean {
    if (this.source[this.#at] !== character) {
      return false;
    }
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.source);
    if (match === null) {
      return undefined;
    }
    this.#at = pattern.lastIndex;
    return match;
  }
}

/** Whether a character is one of those that a class, an escape or a character stands for: JavaScript is asked. */
function matcher(source: string, flags: string): { matches: (code: number) => boolean; set: CharacterSet } {
  const one = new RegExp(`^(?:${source === '/' ? '\\/' : source})$`, flags);
  const set = Uint8Array.from({ length: 129 }, (_, code) =>
    code < 128 ? Number(one.test(String.fromCharCode(code))) : Number(flags.includes('i') || !ONLY_ASCII.test(source))
  );
  return { matches: (code) => (code < 128 ? set[code] === 1 : one.test(String.fromCharCode(code))), set };
}

/** Characters, classes and escapes that match nothing beyond ASCII. */
const ONLY_ASCII = /^(?:[ -~]|\\[dw\W_]|\[(?!\^)(?:[ -[\]-~]|\\[dw\W_])*\])$/;

class Emitter {
  readonly instructions: Instruction[] = [];

  constructor(public slots: number) {}

  push(instruction: Instruction): void {
    if (this.instructions.length >= MAX_INSTRUCTIONS) {
      throw new PatternError(
        `The pattern is too large: written out, its repetitions have more than ${count(MAX_INSTRUCTIONS, 'part')}.`
      );
    }
    this.instructions.push(instruction);
  }

  emit(node: Node): void {
    switch (node.kind) {
      case 'char':
        this.push({ op: 'char', matches: node.matches });
        break;
      case 'assert':
        this.push({ op: 'assert', kind: node.assert });
        break;
      case 'all':
        for (const each of node.nodes) {
          this.emit(each);
        }
        break;
      case 'group':
        this.push({ op: 'save', x: 2 * node.index });
        this.emit(node.node);
        this.push({ op: 'save', x: 2 * node.index + 1 });
        break;
      case 'any':
        this.#emitAny(node.nodes);
        break;
      case 'repeat':
        this.#emitRepeat(node);
    }
  }

  #emitAny(nodes: readonly Node[]): void {
    const jumps = nodes.slice(0, -1).map((node) => {
      const split = this.#split();
      this.emit(node);
      const jump = { op: 'jump' as const, x: 0 };
      this.push(jump);
      split.y = this.instructions.length;
      return jump;
    });
    this.emit(nodes.at(-1)!);
    for (const jump of jumps) {
      jump.x = this.instructions.length;
    }
  }

  #emitRepeat({ node, least, most, greedy, from, to }: Node & { kind: 'repeat' }): void {
    for (let i = 0; i < least; i++) {
      this.#emitOnce(node, from, to);
    }
    const begin = this.instructions.length;
    const splits: Array<{ x: number; y: number }> = [];
    const empty = most > least && canBeEmpty(node);
    if (empty && most > 1) {
      throw new PatternError(
        'The pattern repeats (with *, + or a count) a part that can match no text, which is not supported. Let the part match at least one character.'
      );
    }
    const slot = empty ? this.slots++ : -1;
    for (let i = least; i < (most === Infinity ? least + 1 : most); i++) {
      splits.push(this.#split());
      if (empty) {
        this.push({ op: 'save', x: slot });
      }
      this.#emitOnce(node, from, to);
      if (empty) {
        this.push({ op: 'progress', x: slot });
      }
    }
    if (most === Infinity) {
      this.push({ op: 'jump', x: begin });
    }
    for (const split of splits) {
      split[greedy ? 'y' : 'x'] = this.instructions.length;
    }
  }

  #emitOnce(node: Node, from: number, to: number): void {
    if (to > from) {
      this.push({ op: 'clear', x: 2 * from, y: 2 * to });
    }
    this.emit(node);
  }

  /** A choice of which both ways still lead on here. */
  #split(): { op: 'split'; x: number; y: number } {
    const next = this.instructions.length + 1;
    const split = { op: 'split' as const, x: next, y: next };
    this.push(split);
    return split;
  }
}
