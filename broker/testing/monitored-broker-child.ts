/**
 * The broker of `monitored-broker.ts`: `node monitored-broker-child.mjs '{"limits":…}'`. It sends its
 * ports over IPC, and answers each message with the number of live bytes in its heap.
 */
import { startBroker, type BrokerOptions } from '../broker';
import { startBareAedes } from './clients';
import { liveMemory } from './live-memory';

export interface Ready {
  /** Port of each listener. */
  ports: Record<string, number>;
}

async function start({ bare, ...options }: BrokerOptions & { bare?: boolean }): Promise<Ready> {
  if (bare) {
    const { tcpPort, wsUrl } = await startBareAedes();
    return { ports: { tcp: tcpPort, ws: Number(new URL(wsUrl).port) } };
  }
  const { endpoints } = await startBroker({ ...options, tcp: { port: 0 }, ws: { port: 0 } });
  return { ports: Object.fromEntries(endpoints.map(({ type, port }) => [type, port])) };
}

const ready = await start(JSON.parse(process.argv[2]) as BrokerOptions);
process.on('message', () => {
  process.send?.(liveMemory());
});
process.on('disconnect', () => process.exit(0));
process.send?.(ready);
