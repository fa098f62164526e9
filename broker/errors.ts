import { messageOf } from '../src/utils/errors';
import type { ListenerType } from './transport/client-stream';

/**
 * A broker that cannot start; the message says why and what to do.
 *
 * `code` is Node's error code (`EADDRINUSE`), or one of the broker's own: `E_REMOTE`, `E_NOTHING`, `E_TLS`, `E_AUTH`,
 * `E_DATA`, `E_HISTORY`, `E_CLUSTER`, `E_CONFIG` (a file of the configuration cannot be read).
 */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A users file, ACL file or rule that cannot be used; the message names the line. */
export class AuthFileError extends Error {
  override readonly name = 'AuthFileError';
}

/** Describes why a file cannot be read: `The file users does not exist`. */
export function describeFileError(path: string, error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `The file ${path} does not exist`;
    case 'EACCES':
      return `The file ${path} cannot be read: permission denied`;
    case 'EISDIR':
      return `${path} is a folder, not a file`;
    default:
      return `The file ${path} cannot be read: ${messageOf(error)}`;
  }
}

/** The connection that an error belongs to, as far as it is known. */
export interface ErrorOrigin {
  /** Undefined before CONNECT, and for an error of the broker itself. */
  clientId?: string;
  listener?: ListenerType;
  remoteAddress?: string;
}

/** Receives the errors of clients and of the store. An empty origin means the broker itself. */
export type ReportError = (error: Error, origin: ErrorOrigin) => void;

/** CONNACK return codes of a refused CONNECT [MQTT 3.1.1, table 3.1]. */
export const CONNACK = {
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badCredentials: 4,
  notAuthorized: 5,
} as const;

/** SUBACK return code of a refused filter [MQTT-3.9.3-2]. */
export const SUBACK_FAILURE = 0x80;
