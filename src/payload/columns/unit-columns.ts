import type { Path } from './batch';
import { compilePath, type Getter } from '../paths';
import type { PathNode } from './path-node';
import { readUnit } from '../units/unit-words';

/** A path at which messages name the unit of some nodes' numbers. */
interface Source {
  readonly key: string;
  readonly get: Getter;
  readonly nodes: Set<PathNode>;
  /** The unit there in most messages: the columns of all of its nodes have it. */
  usual: unknown;
  /** The last other text there, and the unit that it is. */
  other: unknown;
  otherUnit: string | undefined;
}

/** The usual unit of a source whose nodes opened in messages of different units: none. */
const NOTHING = Symbol('nothing');

/** Sources of a series. No sensor's messages name units in more paths than these. */
const MAX_SOURCES = 100;

/**
 * The nodes of messages where a unit was found. It is looked for once, when columns open; from then on a message of
 * the same unit costs a comparison, and one of a series without units nothing.
 */
export class UnitColumns {
  readonly #sources = new Map<string, Source>();
  /** Whether messages name units. */
  any = false;

  /**
   * Notes where a message names the unit of a node.
   *
   * @param text as it stands there, where that is the unit of the node's column; `undefined` if it is another.
   */
  add(at: Path, node: PathNode, text: unknown): void {
    const id = JSON.stringify(at);
    const usual = text ?? NOTHING;
    const known = this.#sources.get(id);
    if (known !== undefined) {
      if (!known.nodes.has(node)) {
        known.nodes.add(node);
        known.usual = known.usual === usual ? usual : NOTHING;
      }
    } else if (this.#sources.size < MAX_SOURCES) {
      this.any = true;
      this.#sources.set(id, {
        key: String(at.at(-1)),
        get: compilePath(at),
        nodes: new Set([node]),
        usual,
        other: undefined,
        otherUnit: undefined,
      });
    }
  }

  /** Calls for each node whose unit the message names, if it is not the usual one. A message need not name any. */
  check(message: unknown, differs: (node: PathNode, unit: string) => void): void {
    for (const source of this.#sources.values()) {
      const text = source.get(message);
      if (text !== source.usual) {
        if (text !== source.other) {
          source.other = text;
          source.otherUnit = readUnit(text, source.key);
        }
        const { otherUnit } = source;
        if (otherUnit !== undefined) {
          source.nodes.forEach((node) => differs(node, otherUnit));
        }
      }
    }
  }
}
