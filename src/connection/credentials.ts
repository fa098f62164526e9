import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionError, ConnectionOptions, Credentials } from '../engine';
import type { MqttOptions } from '../types';
import type { ConnectionHooks } from './client';
import { diagnose, type BrowserEnvironment } from './diagnose';
import { withSentence } from './fault-words';
import { authOf } from './settings';
import type { TokenSource } from './token';
import type { ViewerCredentials } from './viewer-credentials';

/** What a data source's connection is helped with. */
export interface HookDeps {
  readonly sight: BrowserEnvironment;
  readonly viewers: ViewerCredentials;
  /** Of this viewer, this data source and this broker. */
  readonly viewerKey: string;
  readonly token: TokenSource;
}

/** What the engine asks the page for: credentials that only the page has, and what only the page can see. */
export function connectionHooks(
  settings: Pick<DataSourceInstanceSettings<MqttOptions>, 'name' | 'access' | 'jsonData'>,
  { url }: ConnectionOptions,
  deps: HookDeps
): ConnectionHooks {
  const way = { url, access: settings.access === 'proxy' ? 'proxy' : 'direct' } as const;
  const explained = (fault: ConnectionError): Promise<ConnectionError> => diagnose(fault, way, deps.sight);
  switch (authOf(settings.jsonData)) {
    case 'viewer': {
      const { viewers, viewerKey } = deps;
      let tried: Credentials | undefined;
      return {
        credentials() {
          const { credentials, refusal } = viewers.state(viewerKey);
          tried = credentials;
          return Promise.resolve(credentials ?? { fault: needed(settings.name, refusal), retry: false });
        },
        async explain(fault) {
          if (!refuses(fault)) {
            return explained(fault);
          }
          // Others may have been entered while these were on their way.
          if (viewers.state(viewerKey).credentials === tried) {
            viewers.refuse(viewerKey, fault.message);
          }
          return { ...needed(settings.name, fault.message), details: fault.details };
        },
      };
    }
    case 'token':
      return {
        credentials: () => deps.token.credentials(),
        async explain(fault) {
          return refuses(fault)
            ? {
                ...fault,
                message: withSentence(
                  fault.message,
                  'The password was a token from the token URL; a new one is fetched for the next attempt.'
                ),
              }
            : explained(fault);
        },
      };
    default:
      return { explain: explained };
  }
}

/** Whether it is the credentials, as far as anybody can tell. */
function refuses({ code }: ConnectionError): boolean {
  return code === 'refused' || code === 'hung-up';
}

function needed(name: string, refusal: string | undefined): ConnectionError {
  const where = 'in the query editor of a panel, in Explore, or in the settings of the data source';
  return {
    code: 'credentials',
    message:
      refusal === undefined
        ? `"${name}" asks each viewer for their own user name and password. Enter yours ${where}.`
        : withSentence(refusal, `Enter your user name and password again ${where}.`),
  };
}
