/** A broker of a cluster that `cluster.test.ts` kills: `node cluster-child.mjs REDIS_URL`; says its port over IPC. */
import { startBroker } from '../broker';
import { openClusterStorage } from './cluster';

const broker = await startBroker({ storage: openClusterStorage(process.argv[2]), tcp: { port: 0 }, ws: false });
process.send?.({ port: broker.tcp?.port });
