import type { UserProperties } from '../payload';

/** A PUBLISH from the broker, with the names of mqtt-packet, on its way from the socket to the streams. */
export interface IncomingMessage {
  readonly topic: string;
  /** A view of the received chunk: its memory is used again, so it must be read before the handler returns. */
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  /** The broker sent it because of a new subscription [MQTT-3.3.1-8]. */
  readonly retain: boolean;
  /** The broker may have sent it before [MQTT-3.3.1-1]. */
  readonly dup: boolean;
  /** The packet identifier; `undefined` with QoS 0. */
  readonly messageId: number | undefined;
  /** Of the filters that this copy was sent for (MQTT 5); empty if the broker does not say. */
  readonly subscriptionIdentifiers: readonly number[];
  /** Of each name the first value (MQTT 5); `undefined` if no stream reads them. */
  readonly userProperties: UserProperties | undefined;
  /** It cannot be told from one that the broker has sent again after a lost connection. */
  readonly mayRepeat?: true;
}
