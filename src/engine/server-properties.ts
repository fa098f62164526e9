import type { ServerProperties } from './protocol';

/** The properties of a CONNACK as mqtt.js names them; it leaves out what the broker did. */
export interface ConnackProperties {
  readonly assignedClientIdentifier?: string;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly wildcardSubscriptionAvailable?: boolean;
  readonly sharedSubscriptionAvailable?: boolean;
  readonly subscriptionIdentifiersAvailable?: boolean;
  readonly maximumPacketSize?: number;
  readonly receiveMaximum?: number;
  readonly serverKeepAlive?: number;
  readonly reasonString?: string;
  readonly responseInformation?: string;
  readonly serverReference?: string;
}

/** The properties of a CONNACK by the plugin's names, without those that the broker left out. */
export function serverProperties(connack: ConnackProperties): ServerProperties {
  const all: ServerProperties = {
    assignedClientId: connack.assignedClientIdentifier,
    maximumQos: connack.maximumQoS as 0 | 1 | 2 | undefined,
    retainAvailable: connack.retainAvailable,
    wildcardAvailable: connack.wildcardSubscriptionAvailable,
    sharedAvailable: connack.sharedSubscriptionAvailable,
    subscriptionIdentifiersAvailable: connack.subscriptionIdentifiersAvailable,
    maximumPacketSize: connack.maximumPacketSize,
    receiveMaximum: connack.receiveMaximum,
    serverKeepAlive: connack.serverKeepAlive,
    reasonString: connack.reasonString,
    responseInformation: connack.responseInformation,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
