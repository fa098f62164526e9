import { ALL_TOPICS } from '../messages';
import { connectPacket, packets, subscribePacket } from '../../../testing/mqtt-bytes';
import type { Client } from './client';
import { Meter } from './meter';
import type { Stamped } from './ours';

const CONNACK = 0x20;
const SUBACK = 0x90;

/** Only a WebSocket: counts frames, and assumes one message per frame. */
export function openBare(url: string): Promise<Client> {
  return open(url, () => 1);
}

/** The minimum that any client in a browser has to do: topics and payloads. A peer uses no code of the plugin. */
export function openDecoder(url: string): Promise<Client> {
  const utf8 = new TextDecoder();
  let seen = 0;
  return open(url, (bytes) => {
    let messages = 0;
    for (let at = 0; at < bytes.length;) {
      let length = 0;
      let body = at + 1;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[body++];
        length |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
          break;
        }
      }
      const topicEnd = body + 2 + ((bytes[body] << 8) | bytes[body + 1]);
      const topic = utf8.decode(bytes.subarray(body + 2, topicEnd));
      const payload = bytes.subarray(topicEnd, body + length);
      seen += topic.length + payload.length;
      at = body + length;
      messages++;
    }
    return seen > 0 ? messages : 0;
  });
}

/** Counts frames as `packets`, and notes the age of each message, whose payload is the time of sending. */
export async function openFrames(url: string): Promise<Stamped> {
  const utf8 = new TextDecoder();
  const ages: number[] = [];
  let frames = 0;
  const client = await open(url, (bytes) => {
    const now = performance.timeOrigin + performance.now();
    let messages = 0;
    frames++;
    for (const packet of packets(bytes)) {
      // Two bytes of the fixed header: the packets are shorter than 128 bytes.
      const topicBytes = (packet[2] << 8) | packet[3];
      ages.push(now - Number(utf8.decode(packet.subarray(4 + topicBytes))));
      messages++;
    }
    return messages;
  });
  return { ...client, packets: () => frames, ages: () => ages };
}

function open(url: string, count: (bytes: Uint8Array) => number): Promise<Client> {
  const meter = new Meter();
  const socket = new WebSocket(url, 'mqtt');
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => socket.send(connectPacket('bench-bare'));
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error(`No WebSocket at ${url}`));
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      for (const packet of packets(new Uint8Array(data))) {
        if (packet[0] === CONNACK) {
          socket.send(subscribePacket(ALL_TOPICS));
        } else if (packet[0] === SUBACK) {
          socket.onmessage = (event: MessageEvent<ArrayBuffer>) => meter.count(count(new Uint8Array(event.data)));
          resolve({ meter, lost: () => 0, packets: () => 0 });
        }
      }
    };
  });
}
