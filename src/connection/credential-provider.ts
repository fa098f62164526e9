import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionError, Credentials } from '../engine';
import type { MqttOptions } from '../types';
import { authOf } from './settings';
import type { NoCredentials, TokenSource } from './token';
import type { ViewerCredentials } from './viewer-credentials';

/** Provides credentials that only the page has: a viewer's own, or a short-lived token. */
export interface CredentialProvider {
  /** The credentials for the next attempt to connect, or why there are none. */
  get(): Promise<Credentials | NoCredentials>;
  /**
   * The broker refused credentials.
   *
   * @param error what the broker said.
   * @param credentials those that {@link get} gave for the attempt.
   * @returns the error to show, which says what to do.
   */
  refused(error: ConnectionError, credentials: Credentials): ConnectionError;
}

export interface CredentialProviderDeps {
  readonly viewers: ViewerCredentials;
  /** Names this viewer, this data source and this broker. See `viewerKey`. */
  readonly viewerKey: string;
  readonly token: TokenSource;
}

/** The provider that a data source's settings ask for; undefined if the settings hold the credentials themselves. */
export function credentialProvider(
  { name, jsonData }: Pick<DataSourceInstanceSettings<MqttOptions>, 'name' | 'jsonData'>,
  { viewers, viewerKey, token }: CredentialProviderDeps
): CredentialProvider | undefined {
  switch (authOf(jsonData)) {
    case 'viewer':
      return viewerProvider(name, viewers, viewerKey);
    case 'token':
      return tokenProvider(token);
    default:
      return undefined;
  }
}

function viewerProvider(name: string, viewers: ViewerCredentials, key: string): CredentialProvider {
  return {
    get() {
      const { credentials, refusal } = viewers.state(key);
      return Promise.resolve(credentials ?? { error: credentialsNeeded(name, refusal), retry: false });
    },
    refused(error, credentials) {
      // The viewer may have entered others while these were on their way.
      if (viewers.state(key).credentials === credentials) {
        viewers.refuse(key, error.message);
      }
      return { ...credentialsNeeded(name, error.message), details: error.details };
    },
  };
}

function tokenProvider(token: TokenSource): CredentialProvider {
  return {
    get: () => token.credentials(),
    refused: (error) => ({
      ...error,
      message: `${error.message} The password was a token from the token URL. The data source fetches a new token for the next attempt.`,
    }),
  };
}

function credentialsNeeded(name: string, refusal: string | undefined): ConnectionError {
  const where = 'in the dialog, which a reload of this page shows again, or in a query editor';
  return {
    code: 'credentials',
    message:
      refusal === undefined
        ? `"${name}" asks each viewer for their own user name and password. Enter your user name and password ${where}.`
        : `${refusal} Enter your user name and password again ${where}.`,
  };
}
