import { findProgram } from '../../testing/programs';
import { startMosquitto } from '../../testing/mosquitto';
import { forkFile } from '../processes';
import type { ChildPorts } from './child';

export type BrokerName = 'ours' | 'bare Aedes' | 'mosquitto';

/** A broker under measurement. */
export interface Measured extends AsyncDisposable {
  readonly tcp: string;
  readonly ws: string;
  /** Bytes of memory of its process after a garbage collection; undefined if unknown. */
  memory(): Promise<number | undefined>;
}

const START_MS = 20_000;

export function available(): BrokerName[] {
  return ['ours', 'bare Aedes', ...(findProgram('MOSQUITTO_PATH') === undefined ? [] : (['mosquitto'] as const))];
}

/**
 * @param file `child.ts`, bundled
 * @param more its further arguments
 */
export async function start(name: BrokerName, file: string, more: string[] = []): Promise<Measured> {
  if (name === 'mosquitto') {
    const mosquitto = await startMosquitto(findProgram('MOSQUITTO_PATH') ?? '', {
      // A subscriber that is slow for a moment waits; mosquitto drops nothing.
      extra: 'max_queued_messages 0\nset_tcp_nodelay true',
    });
    return {
      tcp: `mqtt://127.0.0.1:${mosquitto.tcpPort}`,
      ws: mosquitto.wsUrl,
      memory: () => Promise.resolve(undefined),
      [Symbol.asyncDispose]: () => mosquitto[Symbol.asyncDispose](),
    };
  }
  const child = forkFile(file, [name === 'ours' ? 'ours' : 'bare', ...more], ['--expose-gc']);
  const { tcp, ws } = await child.message<ChildPorts>(START_MS);
  return {
    tcp: `mqtt://127.0.0.1:${tcp}`,
    ws: `ws://127.0.0.1:${ws}/`,
    memory: async () => {
      child.send('memory');
      return (await child.message<{ bytes: number }>(START_MS)).bytes;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(child[Symbol.dispose]()),
  };
}
