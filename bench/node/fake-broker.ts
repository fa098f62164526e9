import type { Socket } from '../../src/engine/transport';
import { CONNACK, packets, subackFor } from '../../testing/mqtt-bytes';

const CONNECT = 0x10;
const SUBSCRIBE = 0x80;

type Listener = (event: { data: unknown; code: number }) => void;

/** A broker without a socket: it accepts every client, grants every filter, and sends the bytes that it is given. */
export class FakeBroker {
  readonly #listeners: Partial<Record<string, Listener>> = {};
  #readyState = 0;
  /** Filters of all subscriptions. */
  granted = 0;

  /** The engine gets this in place of `new WebSocket`. */
  readonly openSocket = (): Socket => {
    const readyState = (): number => this.#readyState;
    queueMicrotask(() => {
      this.#readyState = 1;
      this.#fire('open', undefined);
    });
    return {
      binaryType: '',
      bufferedAmount: 0,
      get readyState() {
        return readyState();
      },
      send: (data) => this.#answer(data),
      close: () => undefined,
      addEventListener: (type: string, listener: unknown) => {
        this.#listeners[type] = listener as Listener;
      },
    };
  };

  /** Sends one WebSocket message. */
  send(bytes: ArrayBuffer): void {
    this.#fire('message', bytes);
  }

  #answer(data: Uint8Array): void {
    for (const packet of packets(data)) {
      const type = packet[0] & 0xf0;
      if (type === CONNECT || type === SUBSCRIBE) {
        const answer = type === CONNECT ? CONNACK : subackFor(packet);
        this.granted += type === SUBSCRIBE ? 1 : 0;
        queueMicrotask(() => this.#fire('message', answer.slice().buffer));
      }
    }
  }

  #fire(type: string, data: unknown): void {
    this.#listeners[type]?.({ data, code: 1000 });
  }
}
