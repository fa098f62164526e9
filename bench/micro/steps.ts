import { PublishReader } from '../../src/engine/publish-reader';
import { CircularFrame, seriesFrames } from '../../src/frames';
import { createDecoder, SeriesBuilder, type SeriesChunk } from '../../src/payload';
import { FilterTrie } from '../../src/topics';
import { compare, type Contestant } from '../compare';
import type { Measurement, Pace } from '../measurement';
import { publishPacket } from '../../testing/mqtt-bytes';
import { concat } from '../../src/utils/concat';

const MESSAGES = 256;
const BATCH = 128;
const ROWS = 10_000;
const texts = Array.from({ length: MESSAGES }, (_, n) => `{"v":${(20 + Math.sin(n) * 5).toFixed(2)},"name":"x"}`);
const payloads = texts.map((text) => new TextEncoder().encode(text));
const values = texts.map((text) => JSON.parse(text) as unknown);

/** The cost of each step of the path, for the picture in docs/development/measuring.md; without targets. */
export function steps(pace: Pace): Measurement[] {
  const ns = compare(
    { publish: publish(), route: route(), familiar: familiar(), decode: decode(), row: row(), append: append() },
    pace
  );
  const packetNs = compare({ packet: packet() }, pace).packet;
  const step = (what: string, value: number, unit: 'ns' | 'µs'): Measurement => ({
    row: 0,
    what: `step: ${what}`,
    ours: { value, unit },
  });
  return [
    step('bytes of the socket to topic and payload, a message', ns.publish, 'ns'),
    step('topic to streams, the first time', ns.route, 'ns'),
    step('payload like the one before to row of the batch, a message', ns.familiar, 'ns'),
    step('payload to value, a message like none before', ns.decode, 'ns'),
    step('value to row of the batch, a message', ns.row, 'ns'),
    step('row of the batch to circular frame, a message', ns.append, 'ns'),
    step('frame of 10,000 rows and three columns to packet', packetNs / 1e3, 'µs'),
  ];
}

function publish(): Contestant {
  let seen = 0;
  const reader = new PublishReader(4, {
    onPublish: ({ topic, payload }) => (seen += topic.length + payload.length),
    onRest: (bytes) => (seen += bytes.length),
    onTooLarge: () => undefined,
  });
  const chunk = concat(texts.map((text, n) => publishPacket(`bench/panel${n % 4}/reading`, text)));
  return (n) => {
    for (let i = 0; i < n; i += MESSAGES) {
      reader.read(chunk);
    }
    // The reader accepts only whole chunks.
    return n < MESSAGES ? 0 : seen;
  };
}

function route(): Contestant {
  const trie = new FilterTrie<number>();
  trie.add('bench/+/reading', 1);
  const topics = Array.from({ length: MESSAGES }, (_, n) => `bench/panel${n}/reading`);
  return (n) => {
    let found = 0;
    for (let i = 0; i < n; i++) {
      found += trie.match(topics[i % MESSAGES]).size;
    }
    return found;
  };
}

function familiar(): Contestant {
  const builder = new SeriesBuilder(0, 'bench', ROWS);
  let time = 1_700_000_000_000;
  builder.add(++time, values[0]);
  return (n) => {
    let rows = 0;
    for (let i = 0; i < n; i++) {
      if (!builder.addSimilarJson(++time, payloads[i % MESSAGES])) {
        throw new Error('A message like the one before was not seen to be one');
      }
      if (i % BATCH === 0) {
        rows += builder.take()?.rows ?? 0;
      }
    }
    return rows;
  };
}

function decode(): Contestant {
  const decoder = createDecoder('auto');
  return (n) => {
    let objects = 0;
    for (let i = 0; i < n; i++) {
      objects += typeof decoder(payloads[i % MESSAGES], 'bench/room') === 'object' ? 1 : 0;
    }
    return objects;
  };
}

function row(): Contestant {
  const builder = new SeriesBuilder(0, 'bench', ROWS);
  let time = 1_700_000_000_000;
  return (n) => {
    let rows = 0;
    for (let i = 0; i < n; i++) {
      builder.add(++time, values[i % MESSAGES]);
      if (i % BATCH === 0) {
        rows += builder.take()?.rows ?? 0;
      }
    }
    return rows;
  };
}

function append(): Contestant {
  const frame = filled();
  const chunk = batch(new SeriesBuilder(0, 'bench', ROWS));
  return (n) => {
    for (let i = 0; i < n; i += BATCH) {
      frame.append(chunk);
    }
    return frame.length;
  };
}

function packet(): Contestant {
  const series = [{ topic: 'bench', labels: {}, frame: filled() }];
  const options = { refId: 'A', window: { from: 0, to: Infinity }, legend: undefined, alone: true };
  return (n) => {
    let rows = 0;
    for (let i = 0; i < n; i++) {
      rows += seriesFrames(series, options)[0].length;
    }
    return rows;
  };
}

function batch(builder: SeriesBuilder): SeriesChunk {
  for (let i = 0; i < BATCH; i++) {
    builder.add(1_700_000_000_000, values[i]);
  }
  return builder.take()!;
}

function filled(): CircularFrame {
  const frame = new CircularFrame(ROWS);
  const builder = new SeriesBuilder(0, 'bench', ROWS);
  for (let rows = 0; rows < 1.5 * ROWS; rows += BATCH) {
    frame.append(batch(builder));
  }
  return frame;
}
