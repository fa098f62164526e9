import type { Column } from './column';
import type { PathNode } from './path-node';
import type { FillMode } from '../rows/mapping';

/** Puts something into the fields that a message has left out. */
export class Filler {
  /** By the number of a column: its last cell, and whether it is the one of its node that had a cell last. */
  readonly #held: unknown[] = [];
  readonly #holds: boolean[] = [];

  constructor(readonly how: Exclude<FillMode, 'none'>) {}

  /** @param nodes the node of each column. */
  fill(row: number, columns: readonly Column[], nodes: readonly PathNode[]): void {
    for (const column of columns) {
      if (column.length > row) {
        for (const sibling of nodes[column.index].columns) {
          this.#holds[sibling.index] = sibling === column;
        }
        this.#held[column.index] = column.cell(row);
      }
    }
    for (const column of columns) {
      if (column.length <= row && this.#holds[column.index]) {
        column.write(row, this.how === 'previous' ? this.#held[column.index] : zeroOf(this.#held[column.index]));
      }
    }
  }
}

/** Values that a sender may leave out because they are the defaults of their types (proto3 JSON). */
function zeroOf(cell: unknown): unknown {
  switch (typeof cell) {
    case 'number':
      return 0;
    case 'string':
      return '';
    case 'boolean':
      return false;
    default:
      return undefined;
  }
}
