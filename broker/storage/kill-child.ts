/** The broker that `kill.test.ts` kills: `node kill-child.mjs DIRECTORY PORT`; says its port over IPC. */
import { startBroker } from '../broker';
import { openDiskStorage } from './disk';

const [directory, port] = process.argv.slice(2);

const broker = await startBroker({
  storage: openDiskStorage(directory),
  tcp: { port: Number(port) },
  ws: false,
});
process.send?.({ port: broker.tcp?.port });
