/**
 * Exports of the npm package `mqttstream-broker`; further storages, the fixture and the sensors have paths of their
 * own.
 */
export { startBroker } from './broker';
export type { Broker, BrokerOptions, Connection, Message, PastMessage, PublishedMessage } from './options';
export { AuthFileError, BrokerError } from './errors';
export type { ErrorOrigin } from './errors';
export type { HistoryOptions } from './history/options';
export type { Storage } from './storage/storage';
