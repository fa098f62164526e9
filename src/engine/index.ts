export { startEngine } from './engine';
export type {
  ConnectionFault,
  ConnectionOptions,
  ConnectionStatus,
  Credentials,
  EnginePort,
  FaultCode,
  FromEngine,
  Nearest,
  PagePort,
  ServerProperties,
  StreamRefusal,
  StreamSpec,
  StreamStats,
  ToEngine,
} from './protocol';
