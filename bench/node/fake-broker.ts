import type { Socket } from '../../src/engine/transport';
import { CONNACK, packets, subackFor } from '../../testing/mqtt-bytes';

const CONNECT = 0x10;
const SUBSCRIBE = 0x80;

type Listener = (event: { data: unknown; code: number }) => void;

/** A broker without a socket: it accepts every client, grants every filter, and sends the bytes that it is given. */
export class FakeBroker {
  #first: FakeSocket | undefined;
  /** Filters of all subscriptions. */
  granted = 0;

  /** The engine gets this in place of `new WebSocket`. Filters that overlap may go to further connections. */
  readonly openSocket = (): Socket => {
    const socket = new FakeSocket((subscription) => (this.granted += subscription ? 1 : 0));
    this.#first ??= socket;
    return socket;
  };

  /** Sends one WebSocket message on the first connection. */
  send(bytes: ArrayBuffer): void {
    this.#first?.fire('message', bytes);
  }
}

class FakeSocket implements Socket {
  readonly #listeners: Partial<Record<string, Listener>> = {};
  readonly #answered: (subscription: boolean) => void;
  binaryType = '';
  readonly bufferedAmount = 0;
  readyState = 0;

  constructor(answered: (subscription: boolean) => void) {
    this.#answered = answered;
    queueMicrotask(() => {
      this.readyState = 1;
      this.fire('open', undefined);
    });
  }

  send(data: Uint8Array): void {
    for (const packet of packets(data)) {
      const type = packet[0] & 0xf0;
      if (type === CONNECT || type === SUBSCRIBE) {
        const answer = type === CONNECT ? CONNACK : subackFor(packet);
        this.#answered(type === SUBSCRIBE);
        queueMicrotask(() => this.fire('message', answer.slice().buffer));
      }
    }
  }

  close(): void {
    this.readyState = 3;
    this.fire('close', undefined);
  }

  addEventListener(type: string, listener: unknown): void {
    this.#listeners[type] = listener as Listener;
  }

  fire(type: string, data: unknown): void {
    this.#listeners[type]?.({ data, code: 1000 });
  }
}
