import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { startEngine } from '../engine/engine';
import type { ConnectionOptions, EnginePort } from '../engine/protocol';
import type { Replace } from '../topics';
import type { ConnectionClientDeps } from '../connection/client';
import type { PageServices } from '../connection/page-services';
import { engineInPage, type LaunchedEngine } from '../connection/launch';
import { ConnectionPool } from '../connection/pool';
import type { Recording } from '../connection/recording';
import type { RunDeps } from '../query/run-deps';
import { OPTIONS } from './connection-options';

/** A pool with the whole live path in this process: the engine behind its message port, over Node's WebSocket. */
export function testPool(over: Partial<ConnectionClientDeps> = {}): ConnectionPool {
  return new ConnectionPool({
    launch: () => Promise.resolve(launchTestEngine()),
    now: () => Date.now(),
    ...over,
  });
}

export function launchTestEngine(): LaunchedEngine {
  return engineInPage(startTestEngine, 'test');
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
  /** Further options of the connection. */
  readonly options?: Partial<ConnectionOptions>;
  readonly visibility?: RunDeps['visibility'];
  readonly replace?: Replace;
  /** Default: no messages are stored. */
  readonly recording?: Recording;
  readonly services?: PageServices;
}

export function testDeps({
  url,
  pool,
  uid = 'test',
  lingerMs = 0,
  memoryBytes = Infinity,
  protocolVersion = 4,
  options: over,
  visibility,
  replace,
  recording,
  services,
}: TestRunOptions): RunDeps {
  const options: ConnectionOptions = {
    ...OPTIONS,
    url,
    protocolVersion,
    ...over,
  };
  return {
    uid,
    connect: () => pool.get(uid, options, { lingerMs, memoryBytes, ...(recording && { recording }) }, services),
    replace: replace ?? ((text) => text),
    now: () => Date.now(),
    visibility: visibility ?? { hidden: () => false, onShown: () => () => undefined },
  };
}

/** Waits until some client has subscribed to these filters at the broker. */
export async function subscribed(
  broker: { subscriptions(): ReadonlyMap<string, readonly string[]> },
  ...filters: string[]
): Promise<void> {
  await expect
    .poll(() => [...broker.subscriptions().values()].flat(), { timeout: 10_000, interval: 10 })
    .toEqual(expect.arrayContaining(filters));
}
