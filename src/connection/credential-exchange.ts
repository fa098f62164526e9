import type { ConnectionError, Credentials, ToEngine } from '../engine';
import { errorCode } from '../engine/error-codes';
import { messageOf } from '../utils/errors';
import type { CredentialProvider } from './credential-provider';
import type { NoCredentials } from './token';

/**
 * Responds to the engine's requests for credentials, and remembers whose were used so that their provider learns of a
 * refusal.
 */
export class CredentialExchange {
  readonly #provider: () => CredentialProvider | undefined;
  #last: { readonly provider: CredentialProvider; readonly credentials: Credentials } | undefined;

  /**
   * @param provider the provider as it is when an attempt begins: a data source instance with other settings replaces
   * it.
   */
  constructor(provider: () => CredentialProvider | undefined) {
    this.#provider = provider;
  }

  /** The response to a request for credentials. Never rejects: without a response the engine would wait for ever. */
  async respond(attempt: number): Promise<ToEngine> {
    const provider = this.#provider();
    const credentials = provider === undefined ? {} : await fromProvider(provider);
    if ('error' in credentials) {
      this.#last = undefined;
      return { type: 'no-credentials', attempt, ...credentials };
    }
    this.#last = provider && { provider, credentials };
    return { type: 'credentials', attempt, credentials };
  }

  /**
   * The broker ended an attempt.
   *
   * @returns the error to show in place of `error`; undefined if it is not about credentials from a provider.
   */
  refused(error: ConnectionError): ConnectionError | undefined {
    return isRefusal(error) ? this.#last?.provider.refused(error, this.#last.credentials) : undefined;
  }
}

async function fromProvider(provider: CredentialProvider): Promise<Credentials | NoCredentials> {
  try {
    return await provider.get();
  } catch (error) {
    const reason = messageOf(error);
    const message = `The page could not get the credentials for the broker. Reload the page: ${reason}`;
    return { error: { code: 'credentials', message }, retry: true };
  }
}

/** Whether the broker refused the credentials, as far as that can be told: some brokers close without a CONNACK. */
function isRefusal({ code }: ConnectionError): boolean {
  return errorCode(code).aboutCredentials === true;
}
