import type { BrokerKind } from '../broker-kind';
import { embedded } from './embedded';
import { mosquitto } from './mosquitto';
import { rabbitmq } from './rabbitmq';

/** All brokers of the matrix, in the order of the table. */
export const KINDS: readonly BrokerKind[] = [embedded, mosquitto, rabbitmq];
