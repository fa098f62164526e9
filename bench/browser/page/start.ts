// The page of the row first-row.
import type { DataQueryResponse, DataSourcePluginMeta } from '@grafana/data';
import { connectPacket, packets, subscribePacket } from '../../../testing/mqtt-bytes';
import { request } from '../../../src/testing/test-request';
import { pluginSource, preparePlugin } from './plugin-source';

const CONNACK = 0x20;
const PUBLISH = 0x30;
const MOST_MS = 15_000;

/** Milliseconds from the request for `module.js` to the first row in a response, and of a bare WebSocket to its first message. */
export interface FirstRow {
  readonly ours: number;
  readonly bare: number;
}

let meta: DataSourcePluginMeta | undefined;

/** The functions of the page that the row calls. */
const start = {
  /** Opens a panel and, at the same moment, a bare WebSocket; both subscribe to a topic with a retained message. */
  async firstRow(url: string, topic: string): Promise<FirstRow> {
    const began = performance.now();
    const [ours, bare] = await Promise.all([panel(url, topic, began), bareWebSocket(url, topic, began)]);
    return { ours, bare };
  },
};

export type StartPage = typeof start;

async function panel(url: string, topic: string, began: number): Promise<number> {
  const source = await pluginSource(meta!, url);
  return inTime('The panel', (resolve) => {
    const responses = source.query(request([{ topic }]));
    if (responses instanceof Promise) {
      throw new TypeError('Expected an Observable of responses');
    }
    responses.subscribe(({ data }: DataQueryResponse) => {
      if ((data as Array<{ length: number }>).some(({ length }) => length > 0)) {
        resolve(performance.now() - began);
      }
    });
  });
}

function bareWebSocket(url: string, topic: string, began: number): Promise<number> {
  const socket = new WebSocket(url, 'mqtt');
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => socket.send(connectPacket('bench-bare'));
  return inTime('The WebSocket', (resolve) => {
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      for (const packet of packets(new Uint8Array(data))) {
        if (packet[0] === CONNACK) {
          socket.send(subscribePacket(topic));
        } else if ((packet[0] & 0xf0) === PUBLISH) {
          resolve(performance.now() - began);
        }
      }
    };
  });
}

function inTime(who: string, run: (resolve: (ms: number) => void) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`${who} had no message within ${MOST_MS} ms`)), MOST_MS);
    run(resolve);
  });
}

async function prepare(): Promise<void> {
  meta = await preparePlugin();
  Object.assign(globalThis, { start });
}

void prepare();
