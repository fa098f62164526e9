/* oxlint-disable eslint/no-underscore-dangle -- the names that Aedes gives them */
import type { Client, PublishPacket } from 'aedes';
import { readFixedHeader } from '../../src/utils/fixed-header';
import type { ClientStream } from '../transport/client-stream';
import { PacketError } from '../transport/packet-limiter';
import { CLOSE_PROTOCOL_ERROR, PUBACK, PUBLISH } from '../transport/codes';
import { internals, type ClientInternals } from './internals';
import { takePublished } from './publish-before-puback';

/** The parser of mqtt-packet 9, as far as Aedes and this patch use it. */
interface Parser {
  /** The packets that wait for CONNACK; null after that. */
  readonly _queue: unknown[] | null;
  parse(bytes: Buffer): number;
}

type Reader = ClientInternals & {
  readonly _parser: Parser;
  /** Packets that are being handled; what comes behind them is read after that. */
  _parsingBatch: number;
  readonly _paused?: boolean;
  readonly _keepaliveInterval: number;
  readonly _keepaliveTimer: NodeJS.Timeout | null;
  /** One packet is handled, or ends the connection. */
  readonly _nextBatch: (error?: Error | null) => void;
};

/** A longer packet that is not complete is handed to mqtt-packet, which does not copy it for each piece that comes. */
const MAX_REST = 4_096;

/**
 * Reads PUBLISH of QoS 0 and 1, and PUBACK, out of the bytes of a client, and handles them in the same turn. mqtt-packet and
 * Aedes read and handle all other packets, those that come before CONNACK was sent, and those that are not valid.
 *
 * mqtt-packet makes several objects for each packet, and Aedes two promises and four immediates for a PUBLISH of QoS 1.
 */
export function readDirectly(client: Client): void {
  const inbound = new Inbound(client as Reader);
  (client.conn as ClientStream).readDirectly((bytes) => inbound.take(bytes));
}

class Inbound {
  readonly #client: Reader;
  readonly #parseOther: (bytes: Buffer) => number;
  /** The beginning of a packet, whose rest has not come. */
  #rest: Buffer | undefined;
  /** Bytes that mqtt-packet waits for, to complete a packet. */
  #otherNeeds = 0;
  readonly #header = { body: 0, end: 0 };
  /** The last topic and its bytes: a client that publishes often does so on few topics. */
  #topic = '';
  #topicBytes: Buffer = Buffer.alloc(0);

  constructor(client: Reader) {
    this.#client = client;
    const { _parser: parser } = client;
    this.#parseOther = parser.parse.bind(parser);
    parser.parse = (bytes) => {
      this.#parse(bytes);
      return 0;
    };
  }

  /** Takes bytes, unless there are packets before them that are still being handled. @returns whether it did. */
  take(bytes: Buffer): boolean {
    const { _parsingBatch, _paused, _parser, closed } = this.#client;
    if (_parsingBatch > 0 || _paused || _parser._queue !== null || closed) {
      return false;
    }
    this.#parse(bytes);
    return true;
  }

  #parse(chunk: Buffer): void {
    let bytes = chunk;
    let at = 0;
    if (this.#otherNeeds > 0) {
      at = Math.min(this.#otherNeeds, bytes.length);
      this.#otherNeeds -= at;
      this.#parseOther(bytes.subarray(0, at));
    } else if (this.#rest) {
      bytes = Buffer.concat([this.#rest, bytes]);
      this.#rest = undefined;
    }
    const header = this.#header;
    const client = this.#client;
    while (at < bytes.length && !client.conn.destroyed) {
      const state = readFixedHeader(bytes, at, header);
      if (state === 'incomplete' || (header.end > bytes.length && header.end - at <= MAX_REST)) {
        this.#rest = Buffer.from(bytes.subarray(at));
        break;
      }
      if (state === 'malformed' || header.end > bytes.length) {
        this.#parseOther(bytes.subarray(at));
        this.#otherNeeds = state === 'malformed' ? Infinity : header.end - bytes.length;
        break;
      }
      const { body, end } = header;
      if (client._parser._queue !== null || !this.#handle(bytes, at, body, end)) {
        this.#parseOther(bytes.subarray(at, end));
      }
      at = end;
    }
    if (client._keepaliveInterval > 0) {
      client._keepaliveTimer?.refresh();
    }
  }

  /** @returns false for a packet that Aedes has to handle. */
  #handle(bytes: Buffer, at: number, body: number, end: number): boolean {
    const first = bytes[at];
    const qos = (first >> 1) & 3;
    if (first >> 4 === PUBLISH) {
      const topicEnd = body + 2 + ((bytes[body] << 8) | bytes[body + 1]);
      const payloadAt = topicEnd + (qos > 0 ? 2 : 0);
      if (topicEnd <= end && payloadAt > end && qos < 3) {
        // mqtt-packet takes the bytes of the next packet for the identifier.
        this.#client._nextBatch(new PacketError('PUBLISH without a packet identifier', CLOSE_PROTOCOL_ERROR));
        return true;
      }
      // Not for a body of one byte either, whose topic has no length
      if (qos > 1 || !(payloadAt <= end)) {
        return false;
      }
      const messageId = qos > 0 ? (bytes[topicEnd] << 8) | bytes[topicEnd + 1] : undefined;
      this.#publish({
        cmd: 'publish',
        retain: (first & 1) !== 0,
        qos: qos as 0 | 1,
        dup: (first & 8) !== 0,
        topic: this.#topicOf(bytes, body + 2, topicEnd),
        payload: bytes.subarray(payloadAt, end),
        messageId,
      });
      return true;
    }
    return first === PUBACK << 4 && end - body === 2 && this.#isAcknowledged();
  }

  /** @returns false if a queue has to be searched for the message. */
  #isAcknowledged(): boolean {
    const { broker, id } = this.#client;
    return broker.listenerCount('ack') === 0 && internals(broker).persistence.queuesNothingFor?.(id) === true;
  }

  #publish(packet: PublishPacket): void {
    const client = this.#client;
    let isOver = false;
    let isLater = false;
    const over = (error?: Error | null): void => {
      isOver = true;
      if (isLater || error) {
        client._nextBatch(error);
      }
    };
    client.broker.authorizePublish(client, packet, (error) => {
      if (error) {
        over(error);
      } else if (packet.qos === 0) {
        internals(client.broker).publish(packet, client, over);
      } else {
        // It was published, too: see `publishBeforePuback`.
        takePublished(packet);
        if (client.connected) {
          (client.conn as ClientStream).sendPuback(packet.messageId ?? 0);
        }
        over();
      }
    });
    if (!isOver) {
      isLater = true;
      client._parsingBatch += 1;
    }
  }

  #topicOf(bytes: Buffer, from: number, to: number): string {
    const known = this.#topicBytes;
    const { length } = known;
    let n = to - from === length ? 0 : -1;
    while (n >= 0 && n < length && known[n] === bytes[from + n]) {
      n += 1;
    }
    if (n !== length) {
      this.#topic = bytes.toString('utf8', from, to);
      this.#topicBytes = Buffer.from(bytes.subarray(from, to));
    }
    return this.#topic;
  }
}
