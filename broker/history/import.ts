import type { Aedes, AedesPublishPacket } from 'aedes';
import { internals } from '../aedes/internals';
import type { Message, PastMessage } from '../options';
import { quoteName, validateTopic } from '../topic';
import type { AedesAdapter } from './aedes-adapter';

/**
 * Records messages of the past, as `Broker.importHistory` describes. All messages are recorded before the first `await`.
 *
 * @param now milliseconds since 1970
 * @param until see `Broker.importHistory`
 * @returns the number of recorded messages
 * @throws Error when the broker is closed or has no history, or a topic is invalid; the messages before it are recorded
 * @throws RangeError when a time is not a number, or is after now
 */
export async function importHistory(
  aedes: Aedes,
  history: AedesAdapter | undefined,
  messages: Iterable<PastMessage>,
  now: number,
  until?: number
): Promise<number> {
  if (aedes.closed) {
    throw new Error('The broker is closed');
  }
  if (!history) {
    throw new Error('This broker has no history: start it with the option history');
  }
  let count = 0;
  let first: number | undefined;
  const retained = new Map<string, Message & { payload: Buffer }>();
  for (const { time, ...message } of messages) {
    const { topic } = message;
    const error = validateTopic(topic) ?? (history.topics.isOwn(topic) ? 'belongs to the history protocol' : undefined);
    if (error) {
      throw new Error(`Topic ${quoteName(topic)} ${error}`);
    }
    if (!(time <= now)) {
      throw new RangeError(`Expected time to be at most now (${now}), got ${time} for topic ${quoteName(topic)}`);
    }
    const payload = typeof message.payload === 'string' ? Buffer.from(message.payload) : Buffer.from(message.payload);
    if (history.import(topic, payload, time)) {
      count++;
      first ??= time;
    }
    if (message.retain) {
      retained.set(topic, { ...message, payload });
    }
  }
  if (first !== undefined && until !== undefined) {
    history.complete(first, until);
  }
  // Directly into the store: `publish` would deliver the messages to subscribers. All at once, so that none of them
  // replaces a message that is published meanwhile.
  const { persistence } = internals(aedes);
  await Promise.all([...retained.values()].map((message) => persistence.storeRetained(packetOf(aedes, message))));
  return count;
}

function packetOf({ id }: Aedes, { topic, payload, qos = 0 }: Message & { payload: Buffer }): AedesPublishPacket {
  return { cmd: 'publish', brokerId: id, brokerCounter: 0, topic, payload, qos, retain: true, dup: false };
}
