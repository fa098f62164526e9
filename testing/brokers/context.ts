import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { ConnectionDeps } from '../../src/engine/connection-events';
import type { ConnectionOptions } from '../../src/engine/protocol';
import { DEFAULT_OPTIONS } from '../../src/testing/connection-options';
import { TestEngine } from '../../src/testing/test-engine';
import { type BrokerKind, PASSWORD, type RunningBroker, USER } from './broker-kind';

/** How long a check waits for something, in milliseconds, if it does not say. */
const WAIT_MS = 15_000;

/** The context of a check: a running broker, and clients for it. */
export class Context {
  /** @param messages that the check of overlapping filters publishes */
  constructor(
    readonly kind: BrokerKind,
    readonly broker: RunningBroker,
    readonly messages: number
  ) {}

  /** The options of a data source in which only the URL and the credentials are set. */
  get options(): ConnectionOptions {
    return { ...DEFAULT_OPTIONS, url: this.broker.url, credentials: { username: USER, password: PASSWORD } };
  }

  /** @param known whether the page knows from an earlier connection which version the broker speaks */
  engine(over: Partial<ConnectionOptions> = {}, deps: Partial<ConnectionDeps> = {}, known = true): TestEngine {
    return new TestEngine(this.broker.url, { ...this.options, ...over }, deps, known && !this.kind.mqtt5);
  }

  /** A plain client, as a sensor has one. */
  client(options: { clientId?: string; url?: string } = {}): Promise<MqttClient> {
    const { url = this.broker.publishUrl, ...more } = options;
    return connectAsync(
      url,
      { username: USER, password: PASSWORD, protocolVersion: 4, reconnectPeriod: 0, ...more },
      false
    );
  }
}

/** Waits until a plain client can connect: some brokers open their ports before they know their users. */
export async function ready(context: Context): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      const client = await context.client();
      await client.endAsync();
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        throw error;
      }
      await sleep(200);
    }
  }
}

/** Polls until the condition holds. @throws {Error} that says what did not happen, and how things stood */
export async function until(
  what: string,
  condition: () => boolean,
  { ms = WAIT_MS, state }: { ms?: number; state?: () => unknown } = {}
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) {
      const stood = state === undefined ? '' : `: ${JSON.stringify(state())}`;
      throw new Error(`not within ${ms / 1_000} s: ${what}${stood}`);
    }
    await sleep(10);
  }
}

/** @throws {Error} with both values, unless they are equal as JSON */
export function equal(what: string, found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
  }
}

export async function connected(engine: TestEngine, connections = 1, ms = WAIT_MS): Promise<void> {
  const state = (): unknown => engine.error?.message ?? engine.status.state;
  await until('the engine connects', () => engine.status.state === 'connected' && engine.connections >= connections, {
    ms,
    state,
  });
}

/** Opens a stream, and waits for the broker's grant. */
export async function open(
  engine: TestEngine,
  stream: number,
  spec: Parameters<TestEngine['open']>[1],
  ms?: number
): Promise<void> {
  engine.open(stream, spec);
  await until(`the broker grants ${spec?.filters?.join(' ')}`, () => engine.subscribed(stream)?.granted === true, {
    ms,
    state: () => engine.subscribed(stream) ?? engine.error?.message ?? engine.status.state,
  });
}

/** Waits for a number in a stream. */
export async function received(engine: TestEngine, stream: number, value: number, ms?: number): Promise<void> {
  await until(`stream ${stream} has ${value}`, () => engine.numbers(stream).includes(value), {
    ms,
    state: () => engine.numbers(stream).slice(-10),
  });
}
