export { startEngine } from './engine';
export type {
  ConnectionFault,
  ConnectionOptions,
  ConnectionStatus,
  EnginePort,
  FromEngine,
  PagePort,
  StreamRefusal,
  StreamSpec,
  StreamStats,
  ToEngine,
} from './protocol';
