import type { ConnectionError } from '../engine';
import type { CredentialProvider } from './credential-provider';

/** The services that only the page has for a connection. */
export interface PageServices {
  /** Without it, the engine's requests for credentials get a response without any. */
  readonly credentials?: CredentialProvider | undefined;
  /** Adds to an error what the page knows about its cause. */
  diagnose?(error: ConnectionError): Promise<ConnectionError>;
}
