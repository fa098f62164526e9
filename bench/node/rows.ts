/** The rows of the Node bench, each measured in a process of its own, by the row of the table that they belong to. */
export const NODE_ROWS = {
  append: 1,
  packet: 2,
  decode: 3,
  'decode-formats': 3,
  memory: 9,
  'flat-window': 10,
  'flat-panels': 10,
  'flat-filters': 10,
} as const;

export type NodeRow = keyof typeof NODE_ROWS;
