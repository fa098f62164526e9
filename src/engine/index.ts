export { startEngine } from './engine';
export type { ConnectionErrorCode } from './error-codes';
export type {
  ConnectionError,
  ConnectionOptions,
  ConnectionStatus,
  Credentials,
  EnginePort,
  FromEngine,
  Nearest,
  PagePort,
  PastStatus,
  RecorderOptions,
  ServerProperties,
  StorageStatus,
  StreamRefusal,
  StreamSpec,
  StreamStats,
  ToEngine,
} from './protocol';
