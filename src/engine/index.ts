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
  ServerProperties,
  StreamRefusal,
  StreamSpec,
  StreamStats,
  ToEngine,
} from './protocol';
