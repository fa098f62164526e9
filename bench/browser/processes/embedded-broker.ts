// A process with the broker of broker/ on free ports, as broker/fixture starts it, without the fixture's record of all
// that was published: a test wants it, a million messages do not.
import { startBroker } from '../../../broker/broker';
import type { Endpoints } from '../endpoints';

const broker = await startBroker({
  tcp: { port: 0 },
  ws: { port: 0 },
  // What is sent as fast as it can be waits for whoever is measured; nobody is to be dropped for that.
  limits: { backlogBytes: 1 << 29 },
});
const endpoints: Endpoints = { url: broker.ws?.url ?? '', tcpPort: broker.tcp?.port ?? 0 };
process.once('disconnect', () => process.exit(1));
process.send?.(endpoints);
