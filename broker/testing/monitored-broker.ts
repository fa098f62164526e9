/** Brokers whose memory is measured, and bystander clients, for the tests with hostile clients. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerOptions } from '../broker';
import { connectClient, until } from './clients';
import { CERTIFICATES } from './certificates';
import type { Program } from './program';
import type { Ready } from './monitored-broker-child';

export type WatchedOptions = Pick<BrokerOptions, 'limits' | 'users' | 'allowAnonymous'> & {
  /** Starts Aedes without the patches instead. */
  bare?: boolean;
};

/** A broker in a separate process, so that the measured memory is the broker's and not that of its attackers. */
export class WatchedBroker implements AsyncDisposable {
  readonly ports: Ready['ports'];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ports: Ready['ports']) {
    this.#child = child;
    this.ports = ports;
  }

  static async start({ file }: Program, options: WatchedOptions = {}): Promise<WatchedBroker> {
    const listeners = [
      { type: 'tls', port: 0, ...CERTIFICATES.server },
      { type: 'wss', port: 0, ...CERTIFICATES.server },
    ];
    const child = fork(file, [JSON.stringify({ ...options, listeners })]);
    const [{ ports }] = (await once(child, 'message')) as [Ready];
    return new WatchedBroker(child, ports);
  }

  /** Live bytes of the process after a garbage collection, including buffers. */
  async alive(): Promise<number> {
    const answer = once(this.#child, 'message') as Promise<[number]>;
    this.#child.send('');
    return (await answer)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await gone;
    }
  }
}

/** Bystanders: a sensor over TCP and a dashboard over WebSockets. */
export interface Bystanders extends AsyncDisposable {
  /** Milliseconds until each message was delivered and acknowledged, since the last call. */
  take(): number[];
}

/** @throws Error from `take` when a bystander lost its connection, or a message does not arrive */
export async function bystandersOf({ ports }: WatchedBroker): Promise<Bystanders> {
  const sensor = await connectClient(`mqtt://127.0.0.1:${ports['tcp']}`, { clientId: 'sensor' });
  const dashboard = await connectClient(`ws://127.0.0.1:${ports['ws']}/mqtt`, { clientId: 'dashboard' });
  await dashboard.client.subscribeAsync('innocent', { qos: 1 });
  let going = true;
  let fault: unknown;
  let times: number[] = [];
  const running = (async () => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- the end of it is below
    for (let n = 1; going; n += 1) {
      const start = performance.now();
      await sensor.client.publishAsync('innocent', String(n), { qos: 1 });
      await until('it to arrive', () => dashboard.deliveries.length >= n);
      times.push(performance.now() - start);
      await sleep(5);
    }
  })().catch((error: unknown) => {
    fault = error;
  });
  return {
    take: () => {
      if (fault !== undefined || !sensor.client.connected || !dashboard.client.connected) {
        throw new Error('A bystander was disconnected', { cause: fault });
      }
      const taken = times;
      times = [];
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      going = false;
      await running;
      await Promise.all([sensor.client.endAsync(true), dashboard.client.endAsync(true)]);
    },
  };
}
