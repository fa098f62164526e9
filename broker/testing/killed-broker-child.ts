/**
 * The broker of `killed-broker.ts`: `node killed-broker-child.mjs STORE PORT`, where STORE is a directory or a Redis URL. It
 * reports over IPC that it is loaded, starts on a message, and reports that it has started.
 */
import { startBroker } from '../broker';
import { openClusterStorage } from '../storage/redis/cluster';
import { openDiskStorage } from '../storage/disk/disk';

const [store, port] = process.argv.slice(2);

async function start(): Promise<void> {
  const storage = store.startsWith('redis:') ? openClusterStorage(store) : openDiskStorage(store);
  await startBroker({ storage, tcp: { port: Number(port) }, ws: false });
  process.send?.('started');
}

process.once('message', () => void start());
process.send?.('loaded');
