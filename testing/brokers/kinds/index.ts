import type { BrokerKind } from '../broker-kind';
import { embedded } from './embedded';
import { mochi, nats } from './go';
import { activemq, artemis, hivemq, moquette } from './java';
import { mosquitto } from './mosquitto';
import { aedes2, amqtt, rumqttd } from './others';
import { rabbitmq } from './rabbitmq';

/** All brokers of the matrix, in the order of the table. */
export const KINDS: readonly BrokerKind[] = [
  embedded,
  mosquitto,
  rabbitmq,
  hivemq,
  artemis,
  activemq,
  moquette,
  nats,
  mochi,
  rumqttd,
  amqtt,
  aedes2,
];
