/* oxlint-disable eslint/no-underscore-dangle -- the names that ws gives them */
import type { Socket } from 'node:net';
import { WebSocket, type RawData } from 'ws';
import { ClientStream, type Wire } from './client-stream';
import { FramePacer } from './frame-pacer';
import { DEFAULT_LIMITS } from '../limits';
import { CLOSE_UNSUPPORTED_DATA } from './codes';
import { PacketError } from './packet-limiter';
import { clientOf, dropWhenStalled, type StreamLimits } from './tcp-stream';

/** Bytes of a message for each piece that it may come in, and the most pieces of one, which is the limit of ws itself. */
const PIECE_BYTES = 64;
const MOST_PIECES = 16_384;

/** The part of ws that reads, as it is inside. */
interface Receiver {
  _maxPayload: number;
  _maxFragments: number;
  _maxBufferedChunks: number;
}

/**
 * A WebSocket as the stream that Aedes is handed: many PUBLISH packets in one binary frame when they come fast, and one
 * frame for each when they do not (moscajs/aedes' recipe, `createWebSocketStream`, sends five), and a consumer that stops
 * reading is dropped instead of waited for; see {@link ClientStream}.
 *
 * @param socket the TCP socket under the WebSocket, from the upgrade request
 */
export function mqttWsStream(
  ws: WebSocket,
  socket: Socket,
  limits: StreamLimits,
  listener: 'ws' | 'wss' = 'ws'
): ClientStream {
  const { frameBytes = DEFAULT_LIMITS.frameBytes, connectBytes = frameBytes } = limits;
  let messageLimit = { name: 'frameBytes', bytes: frameBytes };
  if (connectBytes < frameBytes) {
    messageLimit = { name: 'connectBytes', bytes: connectBytes };
  }
  limitMessages(ws, messageLimit.bytes);
  const wire: Wire = {
    send: (bytes, taken) => {
      if (ws.readyState === WebSocket.OPEN) {
        ws.send(bytes, taken);
      }
    },
    backlog: () => (ws.readyState === WebSocket.CLOSED ? 0 : ws.bufferedAmount),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    // ws ends the connection itself when the other side does not answer the close frame within `closeTimeout`.
    end: (closeCode) => {
      if (ws.readyState === WebSocket.OPEN) {
        // A paused WebSocket would never see the answer.
        ws.resume();
        ws.close(closeCode);
      }
    },
    cut: () => ws.terminate(),
    connected: () => {
      messageLimit = { name: 'frameBytes', bytes: frameBytes };
      limitMessages(ws, frameBytes);
    },
  };
  const stream = new ClientStream({ ...limits, ...clientOf(socket), wire, listener, pacer: new FramePacer() });
  ws.on('message', (data, isBinary) => {
    if (isBinary) {
      stream.receive(toBuffer(data));
    } else {
      // [MQTT-6.0.0-1]: control packets come in binary frames; anything else closes the connection
      stream.fail(new PacketError('Text frame instead of a binary one', CLOSE_UNSUPPORTED_DATA));
    }
  });
  ws.on('close', () => stream.finish());
  ws.on('error', (error) => stream.fail(nameLimit(error, messageLimit)));
  dropWhenStalled(socket, stream, limits.drainTimeout);
  return stream;
}

/**
 * ws puts a message together before it hands it over, and counts it against one limit, which is given to the server and
 * holds from the first message to the last: with that one alone, anyone who reaches the port could leave `frameBytes` here
 * without ever saying CONNECT.
 */
function limitMessages(ws: WebSocket, maxBytes: number): void {
  const { _receiver: receiver } = ws as WebSocket & { _receiver?: Receiver };
  if (!receiver) {
    throw new TypeError('This version of ws keeps its limits elsewhere');
  }
  receiver._maxPayload = maxBytes;
  // Each piece of a message costs as much as some dozens of bytes, an empty one too.
  const pieces = Math.min(MOST_PIECES, Math.ceil(maxBytes / PIECE_BYTES));
  receiver._maxFragments = pieces;
  receiver._maxBufferedChunks = pieces;
}

/** The error of ws says `Max payload size exceeded`, without a number. */
function nameLimit(error: Error & { code?: string }, { name, bytes }: { name: string; bytes: number }): Error {
  return error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    ? new Error(`WebSocket message is over the limit of ${bytes} bytes (limits.${name})`, { cause: error })
    : error;
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) {
    return data;
  }
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
