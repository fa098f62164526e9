import { toError } from '../utils/errors';
import { concat } from '../utils/concat';
import type { IncomingMessage } from './incoming-message';
import { PublishReader } from './publish-reader';
import { Duplex } from './shims/readable-stream';

/** The part of a browser's WebSocket that is used, so that tests can hand in another. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  close(): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason?: string }) => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export type OpenSocket = (url: string, protocols: string[]) => Socket;

const OPEN = 1;

export interface TransportEvents {
  onOpen(): void;
  /** @param reason the text of the close frame, or empty. */
  onClose(code: number, reason: string): void;
  /** A QoS 0 message, which mqtt.js does not get to see. */
  onPublish(message: IncomingMessage): void;
  /** A packet could not be written, because what it is made of is not what MQTT allows; the socket is closed. */
  onUnsendable(reason: string): void;
  /** Anything came. */
  onBytes(): void;
  /** The other side did what MQTT does not allow; the socket is closed. */
  onViolation(what: string): void;
  /** A packet of so many bytes has begun, more than are taken; the socket is closed. */
  onTooLarge(bytes: number): void;
  readonly protocolVersion: 4 | 5;
  /** Whether somebody wants the user properties of messages (MQTT 5); looked at for each chunk. */
  wantsUserProperties(): boolean;
}

/**
 * The WebSocket as the byte stream that mqtt.js works on. Its own browser stream hides the two things that a
 * diagnosis needs, whether the socket ever opened and with which code it closed, and copies every message once more.
 * Messages of QoS 0, which are nearly all there are, are read here and go past mqtt.js.
 */
export function createTransport(socket: Socket, events: TransportEvents): Duplex {
  socket.binaryType = 'arraybuffer';
  const reader = new PublishReader(events.protocolVersion, {
    onPublish: (message) => events.onPublish(message),
    onRest: (bytes) => stream.push(bytes),
    onTooLarge: (bytes) => {
      events.onTooLarge(bytes);
      stream.destroy();
    },
  });
  let waiting: (() => void) | undefined;
  let sent = false;
  const stream = new Duplex({
    write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void) {
      send([chunk], done);
    },
    writev(chunks: ArrayLike<{ chunk: Uint8Array }>, done: (error?: Error) => void) {
      send(
        Array.from(chunks, (each) => each.chunk),
        done
      );
    },
    final(done: () => void) {
      socket.close();
      done();
    },
    destroy(error: Error | null, done: (error: Error | null) => void) {
      // mqtt-packet's way to say that it does not write a packet.
      if (error !== null && !sent) {
        events.onUnsendable(error.message);
      }
      socket.close();
      done(error);
    },
  });

  /** One WebSocket message for however many pieces mqtt.js wrote the packet in. */
  function send(pieces: Uint8Array[], done: (error?: Error) => void): void {
    const go = (): void => {
      try {
        socket.send(pieces.length === 1 ? pieces[0] : concat(pieces));
        sent = true;
        done();
      } catch (error) {
        done(toError(error));
      }
    };
    if (socket.readyState === OPEN) {
      go();
    } else {
      waiting = go;
    }
  }

  socket.addEventListener('open', () => {
    events.onOpen();
    waiting?.();
    waiting = undefined;
  });
  socket.addEventListener('message', ({ data }) => {
    if (stream.destroyed) {
      return; // a socket that is closing goes on receiving
    }
    events.onBytes();
    if (data instanceof ArrayBuffer) {
      reader.readUserProperties = events.wantsUserProperties();
      reader.read(new Uint8Array(data));
    } else {
      // MQTT is carried in binary frames only [MQTT-6.0.0-1].
      events.onViolation('it sent a text frame');
      stream.destroy();
    }
  });
  // An error event carries nothing, and a close event always follows it.
  socket.addEventListener('error', () => undefined);
  socket.addEventListener('close', ({ code, reason = '' }) => {
    events.onClose(code, reason);
    stream.destroy();
  });
  return stream;
}
