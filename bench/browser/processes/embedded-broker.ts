// A process with the broker of broker/ on free ports, as broker/fixture starts it, but without the fixture's record of
// all published messages, which would grow with millions of messages.
import { startBroker } from '../../../broker/broker';
import type { Endpoints } from '../endpoints';

const broker = await startBroker({
  tcp: { port: 0 },
  ws: { port: 0 },
  // Messages sent at full speed wait for the subscriber that is measured; the broker must not disconnect it.
  limits: { backlogBytes: 1 << 29 },
});
const endpoints: Endpoints = { url: broker.ws?.url ?? '', tcpPort: broker.tcp?.port ?? 0 };
process.once('disconnect', () => process.exit(1));
process.send?.(endpoints);
