import type { MqttClient } from 'mqtt';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { startEngine } from '../engine/engine';
import type { ConnectionDeps } from '../engine/connection-events';
import { numbersOf } from '../payload';
import type {
  ConnectionOptions,
  EnginePort,
  FromEngine,
  RecorderOptions,
  StreamSpec,
  ToEngine,
} from '../engine/protocol';
import { OPTIONS } from './connection-options';

export const SPEC: StreamSpec = { filters: ['t'], qos: 0, format: 'auto', pendingRows: 100, maxSeries: 10 };

/** For `expect.poll`. */
export const eventually = { timeout: 10_000, interval: 10 };

/** An engine without a page: passes messages straight in, and records what the engine posts. */
export class TestEngine implements Disposable {
  readonly posted: FromEngine[] = [];
  readonly #port: EnginePort;
  /** Acknowledges each batch at once, as a page that keeps up does. */
  acknowledges = true;
  /** WebSockets that were opened. */
  readonly sockets: WebSocket[] = [];

  /** @param older what a page would remember of the broker. */
  constructor(
    url: string,
    over: Partial<ConnectionOptions> = {},
    deps: Partial<ConnectionDeps> = {},
    older = false,
    record?: RecorderOptions
  ) {
    this.#port = {
      onmessage: null,
      postMessage: (message) => {
        this.posted.push(structuredClone(message));
        if (message.type === 'batch' && this.acknowledges) {
          queueMicrotask(() => this.post({ type: 'ack' }));
        }
      },
    };
    startEngine(this.#port, {
      openSocket: (address, protocols) => {
        const socket = new WebSocket(address, protocols);
        this.sockets.push(socket);
        return socket;
      },
      now: () => Date.now(),
      random: () => Math.random(),
      ...deps,
    });
    if (record !== undefined) {
      this.post({ type: 'record', options: record });
    }
    this.post({ type: 'connect', options: { ...OPTIONS, url, ...over }, older });
  }

  post(message: ToEngine): void {
    this.#port.onmessage?.({ data: message });
  }

  open(stream: number, spec: Partial<StreamSpec> = {}): void {
    this.post({ type: 'open', stream, spec: { ...SPEC, ...spec } });
  }

  all<T extends FromEngine['type']>(type: T): Array<Extract<FromEngine, { type: T }>> {
    return this.posted.filter((message): message is Extract<FromEngine, { type: T }> => message.type === type);
  }

  get status() {
    return this.all('status').at(-1)!.status;
  }

  get states(): string[] {
    return this.all('status').map(({ status }) => status.state);
  }

  get error() {
    return 'error' in this.status ? this.status.error : undefined;
  }

  get errorCode(): string | undefined {
    return this.error?.code;
  }

  /** The number of times that it has connected. */
  get connections(): number {
    return this.states.filter((state) => state === 'connected').length;
  }

  /** Rows of a stream in all batches so far. */
  rows(stream: number): number {
    return this.#chunks(stream).reduce((sum, { rows }) => sum + rows, 0);
  }

  /** The numbers of the first column of a stream in the order of arrival, whatever their topics. */
  numbers(stream: number): number[] {
    return this.#chunks(stream).flatMap((chunk) =>
      chunk.columns.slice(0, 1).flatMap((column) => [...(numbersOf(chunk, column) ?? [])])
    );
  }

  /** When the rows of a stream arrived, in milliseconds since 1970. */
  times(stream: number): number[] {
    return this.#chunks(stream).flatMap(({ floats, timesAt, rows }) =>
      Array.from(floats.subarray(timesAt, timesAt + rows))
    );
  }

  /** The broker's answer for a stream. */
  subscribed(stream: number) {
    return this.all('subscribed').findLast((each) => each.stream === stream);
  }

  [Symbol.dispose](): void {
    this.post({ type: 'stop' });
  }

  /** Since the stream last began again. */
  #chunks(stream: number) {
    const batches = this.all('batch').flatMap(({ streams }) => streams.filter((each) => each.stream === stream));
    const from = batches.findLastIndex(({ restarted }) => restarted === true);
    return batches.slice(Math.max(0, from)).flatMap(({ chunks }) => chunks);
  }
}

/** The shortest backoff there is. */
export const shortestBackoff: Partial<ConnectionDeps> = { random: () => 0 };

/** Waits until the engine has connected so many times, and the broker has granted its subscriptions since. */
export async function connectedAndSubscribed(engine: TestEngine, connections = 1): Promise<void> {
  await expect.poll(() => engine.connections, eventually).toBeGreaterThanOrEqual(connections);
  const at = engine.posted.findLastIndex((each) => each.type === 'status' && each.status.state === 'connected');
  await expect
    .poll(() => engine.posted.slice(at).some((each) => each.type === 'subscribed' && each.granted), eventually)
    .toBe(true);
}

/** Whether a status of the engine ever had this error. */
export function hadError(engine: TestEngine, code: string): boolean {
  return engine.all('status').some(({ status }) => 'error' in status && status.error?.code === code);
}

export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

export async function publishAll(
  client: MqttClient,
  values: readonly number[],
  qos: 0 | 1 = 1,
  topic = 't'
): Promise<void> {
  await Promise.all(values.map((value) => client.publishAsync(topic, String(value), { qos })));
}
