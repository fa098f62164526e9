import { type DataQueryRequest, type DataQueryResponse, dateTime, rangeUtil } from '@grafana/data';
import type { Observable, Subscription } from 'rxjs';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { startEngine } from '../engine/engine';
import type { ConnectionOptions, EnginePort } from '../engine/protocol';
import type { Replace } from '../topics';
import type { MqttQuery } from '../types';
import type { ConnectionClientDeps } from '../connection/client';
import { engineInPage } from '../connection/launch';
import { ConnectionPool } from '../connection/pool';
import { run, type RunDeps } from '../query/run';

/** The whole live path in this process: the engine behind its message port, over Node's WebSocket. */
export function testPool(over: Partial<ConnectionClientDeps> = {}): ConnectionPool {
  return new ConnectionPool({
    launch: () => Promise.resolve(engineInPage(startTestEngine, 'test')),
    now: () => Date.now(),
    ...over,
  });
}

function startTestEngine(port: EnginePort): void {
  startEngine(port, {
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    now: () => Date.now(),
    random: () => Math.random(),
  });
}

export interface TestRunOptions {
  readonly url: string;
  readonly pool: ConnectionPool;
  readonly uid?: string;
  readonly lingerMs?: number;
  readonly memoryBytes?: number;
  readonly protocolVersion?: ConnectionOptions['protocolVersion'];
  /** Of the connection, beside these. */
  readonly options?: Partial<ConnectionOptions>;
  readonly page?: RunDeps['page'];
  readonly replace?: Replace;
}

export function testDeps({
  url,
  pool,
  uid = 'test',
  lingerMs = 0,
  memoryBytes = Infinity,
  protocolVersion = 4,
  options: over,
  page,
  replace,
}: TestRunOptions): RunDeps {
  const options: ConnectionOptions = {
    url,
    protocolVersion,
    clientIdPrefix: 'test',
    keepalive: 60,
    connectTimeout: 5,
    cleanStart: true,
    sessionExpiry: 0,
    credentials: {},
    ...over,
  };
  return {
    uid,
    connect: () => pool.get(uid, options, { lingerMs, memoryBytes }),
    replace: replace ?? ((text) => text),
    now: () => Date.now(),
    page: page ?? { hidden: () => false, onShown: () => () => undefined },
  };
}

let requests = 0;

/** A panel's request for these queries over the last five minutes. */
export function request(
  targets: Array<Partial<MqttQuery>>,
  over: Partial<DataQueryRequest<MqttQuery>> = {}
): DataQueryRequest<MqttQuery> {
  const raw = { from: 'now-5m', to: 'now' };
  return {
    app: 'panel-viewer',
    requestId: `SQR${++requests}`,
    interval: '100ms',
    intervalMs: 100,
    maxDataPoints: 1000,
    range: rangeUtil.convertRawToRange(raw),
    rangeRaw: raw,
    scopedVars: {},
    startTime: Date.now(),
    timezone: 'browser',
    targets: targets.map((target, i) => ({ refId: String.fromCharCode(65 + i), topic: '', ...target })),
    ...over,
  };
}

/** A range between two instants, as a dragged zoom makes it. */
export function absolute(fromMs: number, toMs: number): Pick<DataQueryRequest<MqttQuery>, 'range' | 'rangeRaw'> {
  const raw = { from: dateTime(fromMs), to: dateTime(toMs) };
  return { range: { ...raw, raw }, rangeRaw: raw };
}

/** What an Observable of packets has given so far, and the waiting for more. */
export class Packets implements Disposable {
  readonly all: DataQueryResponse[] = [];
  completed = false;
  failure: unknown;
  readonly #subscription: Subscription;
  #wake: () => void = () => undefined;

  constructor(packets: Observable<DataQueryResponse>) {
    this.#subscription = packets.subscribe({
      next: (packet) => {
        this.all.push(packet);
        this.#wake();
      },
      error: (error: unknown) => {
        this.failure = error;
        this.#wake();
      },
      complete: () => {
        this.completed = true;
        this.#wake();
      },
    });
  }

  get last(): DataQueryResponse | undefined {
    return this.all.at(-1);
  }

  /** Waits until the newest packet is as wanted; fails with what came instead. */
  async until(wanted: (packet: DataQueryResponse) => boolean, withinMs = 10_000): Promise<DataQueryResponse> {
    await this.#wait(() => this.last !== undefined && wanted(this.last), withinMs);
    return this.last!;
  }

  async done(withinMs = 10_000): Promise<void> {
    await this.#wait(() => this.completed, withinMs);
  }

  unsubscribe(): void {
    this.#subscription.unsubscribe();
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }

  async #wait(met: () => boolean, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!met()) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(`Not within ${withinMs} ms. The newest packet: ${JSON.stringify(this.last, undefined, 2)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

export function packetsOf(req: DataQueryRequest<MqttQuery>, deps: RunDeps): Packets {
  return new Packets(run(req, deps));
}

/** The values of a field, by refId and name, from the frame of a topic (or the first of the refId). */
export function valuesOf(
  packet: DataQueryResponse | undefined,
  refId: string,
  field = 'Value',
  topic?: string
): unknown[] {
  const frame = packet?.data.find((each) => each.refId === refId && (topic === undefined || each.name === topic));
  return frame?.fields.find((each: { name: string }) => each.name === field)?.values ?? [];
}

/** Waits until the broker has these filters from some client. */
export async function subscribed(
  broker: { subscriptions(): ReadonlyMap<string, readonly string[]> },
  ...filters: string[]
): Promise<void> {
  await expect
    .poll(() => [...broker.subscriptions().values()].flat(), { timeout: 10_000, interval: 10 })
    .toEqual(expect.arrayContaining(filters));
}
