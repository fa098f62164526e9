import type { Aedes, AedesPublishPacket, Client } from 'aedes';
import { internals, type ClientInternals } from './internals';
import { matches } from '../../src/topics';
import type { ClientStream } from '../transport/client-stream';
import { sendLive } from './send-live';

/** Topics whose QoS is remembered for each client. */
const MAX_REMEMBERED = 1_000;

/** Highest QoS at which each topic goes to a client. */
const remembered = new WeakMap<Client, Map<string, number>>();

/**
 * Puts right how a client is delivered to. To be called when Aedes has made the client, before it subscribes: Aedes
 * keeps the functions that are replaced here.
 *
 * - A message goes out with the lower of its own QoS and the highest that a matching filter of the client was granted
 *   [MQTT-3.3.5-1], [MQTT-3.8.4-6]. Aedes 1.2.0 looks only for a filter that is the topic itself, so that a QoS 2 message
 *   reaches a wildcard filter of QoS 1 as QoS 2; and of several matching filters it takes the first one (#1074).
 * - A repetition for an overlapping filter is left out here, before it costs anything.
 * - It goes out without the DUP flag of its publisher [MQTT-3.3.1-3].
 * - Nothing goes out before CONNACK [MQTT-3.2.0-1]. Aedes restores the filters of a session, asks the store a few things
 *   more, and then answers: what is published meanwhile comes first. mqtt.js does not take up a message that comes before
 *   CONNACK, nor the CONNACK behind it. QoS 1 and 2 wait in the session's queue, which is sent after CONNACK.
 * - Retained messages are sent as fast as the subscriber takes them: all at once, they would pass its backlog limit.
 */
export function patchClient(client: Client): void {
  const target = client as ClientInternals;
  const { deliver0, deliverQoS } = target;

  const deliver = (packet: AedesPublishPacket, done: () => void): void => {
    if (!target.connackSent) {
      setImmediate(done);
      return;
    }
    if (packet.brokerId && (target.duplicates[packet.brokerId] || 0) >= packet.brokerCounter) {
      setImmediate(done);
      return;
    }
    const qos = packet.qos === 0 ? 0 : Math.min(packet.qos, qosFor(target, packet.topic));
    const { persistence } = internals(target.broker);
    if (packet.brokerId && qos > 0 && !target.clean && persistence.deliversFromQueue?.(target, packet)) {
      // Messages that waited for it are being sent, and this one comes after them.
      setImmediate(done);
      return;
    }
    // Without a broker's id: a retained message that is sent for a SUBSCRIBE
    const over = packet.brokerId ? done : (): void => (client.conn as ClientStream).whenRoom(done);
    // Of the publisher, and not a repetition to this client [MQTT-3.3.1-3]
    packet.dup = false;
    if (target.clean) {
      sendLive(target, packet, qos as 0 | 1 | 2);
      over();
      return;
    }
    if (qos === 0) {
      deliver0.call(target, packet, over);
      return;
    }
    packet.qos = qos as 1 | 2;
    const exact = target.subscriptions[packet.topic];
    if (!exact || exact.qos >= qos) {
      deliverQoS.call(target, packet, over);
      return;
    }
    // The filter that is the topic itself was granted less than another one that matches. Aedes looks it up in an
    // immediate of its own, between these two.
    const lifted = { ...exact, qos };
    setImmediate(() => {
      target.subscriptions[packet.topic] = lifted;
    });
    deliverQoS.call(target, packet, over);
    setImmediate(() => {
      if (target.subscriptions[packet.topic] === lifted) {
        target.subscriptions[packet.topic] = exact;
      }
    });
  };
  target.deliver0 = deliver;
  target.deliverQoS = deliver;
}

/** Forgets the remembered QoS of a client whenever its filters change. */
export function followSubscriptions(aedes: Aedes): void {
  const forget = (_topics: unknown, client: Client): void => {
    remembered.delete(client);
  };
  aedes.on('subscribe', forget);
  aedes.on('unsubscribe', forget);
}

function qosFor(client: ClientInternals, topic: string): number {
  let known = remembered.get(client);
  if (!known) {
    known = new Map();
    remembered.set(client, known);
  }
  let highest = known.get(topic);
  if (highest === undefined) {
    highest = 0;
    for (const filter of Object.keys(client.subscriptions)) {
      const { qos } = client.subscriptions[filter];
      if (qos > highest && matches(filter, topic)) {
        highest = qos;
      }
    }
    if (known.size >= MAX_REMEMBERED) {
      known.clear();
    }
    known.set(topic, highest);
  }
  return highest;
}
