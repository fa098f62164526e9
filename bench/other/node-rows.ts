import { type Contest, MOST } from './in-turns';

/** Row 30: this checkout next to another one in turns: what must not get worse. */
const CONTESTS: Readonly<Record<string, readonly Contest[]>> = {
  append: [
    { what: 'append one numeric message, batches of 100 rows', unit: 'ns', sample: 'append100' },
    { what: 'append one numeric message, batches of 1 row', unit: 'ns', sample: 'append1' },
  ],
  decode: [{ what: 'JSON object of 5 numbers: bytes to row', unit: 'ns', sample: 'decode' }],
  packet: [
    { what: 'make and fully read one packet, window 10,000', unit: 'µs', scale: 1e-3, sample: 'packet' },
    { what: 'append 100 rows, make and fully read one packet', unit: 'µs', scale: 1e-3, sample: 'pushed' },
    { what: 'the same, as a panel of 1,000 pixels shows it', unit: 'µs', scale: 1e-3, sample: 'reduced' },
  ],
  memory: [{ what: 'memory per numeric point kept', unit: 'bytes', sample: 'memory', rounds: 6 }],
  window: [
    { what: 'socket to frame, a message, window of 1,000 rows', unit: 'ns', sample: 'rows1k' },
    { what: 'socket to frame, a message, window of 10,000 rows', unit: 'ns', sample: 'rows10k' },
    { what: 'socket to frame, a message, window of 100,000 rows', unit: 'ns', sample: 'rows100k' },
  ],
  panels: [
    { what: 'socket to frame, a message, 5 panels on one topic', unit: 'ns', sample: 'panels5' },
    { what: 'socket to frame, a message, 20 panels on one topic', unit: 'ns', sample: 'panels20' },
    { what: 'a packet of the only panel, 10 series of 10,000 rows', unit: 'µs', scale: 1e-3, sample: 'response' },
    { what: 'a packet of one of 20 panels', unit: 'µs', scale: 1e-3, sample: 'response20' },
  ],
  filters: [
    { what: 'socket to frame, a message, 100 filters', unit: 'ns', sample: 'filters100' },
    { what: 'socket to frame, a message, 10,000 filters', unit: 'ns', sample: 'filters10k' },
  ],
  kept: [
    { what: 'span kept of five minutes at 5,000 messages/s', unit: 's', sample: 'kept', rounds: 1, isMore: true },
    { what: 'the same: memory of its rows', unit: 'kB', scale: 1e-3, sample: 'keptBytes', rounds: 1 },
  ],
  stored: [
    {
      what: 'socket to frame, a message, while messages are stored and evicted (the other without)',
      unit: 'ns',
      sample: 'stored',
      beside: 'rows10k',
      most: MOST.stored,
    },
  ],
};

/** The rows, with the names of `--only`. */
export const OTHER_NODE_ROWS = Object.entries(CONTESTS).map(([name, contests]) => ({
  name: `other-${name}`,
  row: 30,
  contests,
}));
