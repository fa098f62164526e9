export { startEngine } from './engine';
export type {
  ConnectionError,
  ConnectionOptions,
  ConnectionStatus,
  Credentials,
  EnginePort,
  ConnectionErrorCode,
  FromEngine,
  Nearest,
  PagePort,
  RecorderOptions,
  ServerProperties,
  StorageStatus,
  StreamRefusal,
  StreamSpec,
  StreamStats,
  ToEngine,
} from './protocol';
