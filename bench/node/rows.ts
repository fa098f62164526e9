/** The rows of the Node suite that are measured in a process, each with its number in the table. */
export const NODE_ROWS = {
  append: 1,
  packet: 2,
  decode: 3,
  'decode-formats': 3,
  memory: 9,
  'flat-window': 10,
  'flat-panels': 10,
  'flat-filters': 10,
  'flat-covered': 10,
  'flat-latest': 19,
  'flat-table': 19,
  'flat-series': 19,
  'ring-memory': 13,
  'ring-edit': 14,
  'ring-live': 15,
  logs: 18,
  kept: 28,
} as const;

export type NodeRow = keyof typeof NODE_ROWS;
