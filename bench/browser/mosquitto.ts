import { findProgram } from '../../testing/programs';
import { startMosquitto as start } from '../../testing/mosquitto';
import type { Endpoints } from './endpoints';

/** Messages sent at full speed wait for the subscriber that is measured. */
const CONFIG = 'max_queued_messages 0';

export function findMosquitto(): string | undefined {
  return findProgram('MOSQUITTO_PATH');
}

/** Starts mosquitto on free ports of the loopback interface. */
export async function startMosquitto(program: string): Promise<Endpoints & AsyncDisposable> {
  const broker = await start(program, { extra: CONFIG });
  return {
    url: broker.wsUrl,
    tcpPort: broker.tcpPort,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}
