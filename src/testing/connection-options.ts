import type { ConnectionOptions } from '../engine/protocol';

/** The options of a data source in which nothing is set. */
export const DEFAULT_OPTIONS: Omit<ConnectionOptions, 'url'> = {
  protocolVersion: 'auto',
  clientIdPrefix: 'grafana',
  keepalive: 60,
  connectTimeout: 5,
  cleanStart: true,
  sessionExpiry: 0,
  credentials: {},
};

/** Options for tests, most of whose brokers speak MQTT 3.1.1 only. */
export const OPTIONS: Omit<ConnectionOptions, 'url'> = {
  ...DEFAULT_OPTIONS,
  protocolVersion: 4,
  clientIdPrefix: 'test',
};
