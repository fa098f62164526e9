// A process with a broker and its history: `historian.mjs TOPICS MESSAGES MILLISECONDS`. Each topic has so many messages,
// evenly over so many milliseconds until now. A message to the process is answered with the number of requests.
import { startBroker } from '../../../broker/broker';
import type { HistoryEndpoints } from '../endpoints';
import { pastTopic, payloadText } from '../messages';

const [topics, messages, ms] = process.argv.slice(2).map(Number);

const broker = await startBroker({
  tcp: { port: 0 },
  ws: { port: 0 },
  limits: { backlogBytes: 1 << 29 },
  history: { filters: ['past/#'], messages: 1_000_000, bytes: 1 << 30 },
});
const to = Date.now();
const from = to - ms;
for (let topic = 0; topic < topics; topic++) {
  await broker.importHistory(
    Array.from({ length: messages }, (_, n) => ({
      topic: pastTopic(topic),
      payload: payloadText(n),
      time: Math.floor(from + (n * ms) / messages),
    }))
  );
}
process.once('disconnect', () => process.exit(1));
process.on('message', () => process.send?.({ sent: broker.stats().historyRequests }));
process.send?.({
  url: broker.ws?.url ?? '',
  tcpPort: broker.tcp?.port ?? 0,
  from,
  to,
} satisfies HistoryEndpoints);
