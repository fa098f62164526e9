import type { Aedes, Client, PublishPacket } from 'aedes';
import { internals, type ClientInternals, type PublishDone } from './internals';

/** Messages that were published before their acknowledgement, and that Aedes is about to publish after it. */
const published = new WeakSet<PublishPacket>();

/**
 * Publishes a QoS 1 message before it is acknowledged.
 *
 * Aedes 1.2.0 sends PUBACK first and publishes then: a message that cannot be stored, or that comes just before the end
 * of the process, is gone although the publisher got the PUBACK [MQTT-4.3.2-2]. This is called from
 * `authorizePublish`, after which Aedes acknowledges and publishes: by then the message is stored and handed out, and
 * {@link skipPublished} leaves out the second publish. It also keeps a QoS 0 message from overtaking a QoS 1 one that
 * came just before it.
 */
export function publishBeforePuback(client: Client, packet: PublishPacket, done: PublishDone): void {
  // A will has no message id: Aedes publishes it itself, and acknowledges nothing.
  if (packet.qos !== 1 || packet.messageId === undefined) {
    done(null);
    return;
  }
  internals((client as ClientInternals).broker).publish(packet, client, (error) => {
    if (!error) {
      published.add(packet);
    }
    done(error);
  });
}

/** Whether {@link publishBeforePuback} has published a message. Aedes is not to be asked to publish it again. */
export function takePublished(packet: PublishPacket): boolean {
  return published.delete(packet);
}

/** Makes an Aedes leave out the publish of what {@link publishBeforePuback} published. */
export function skipPublished(aedes: Aedes): void {
  const inside = internals(aedes);
  const publish = inside.publish.bind(inside);
  inside.publish = (packet, client, done) => {
    if (takePublished(packet)) {
      // Not in the same turn, as Aedes' own
      setImmediate(() => typeof done === 'function' && done());
      return;
    }
    publish(packet, client, done);
  };
}
