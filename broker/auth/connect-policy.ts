import type { Client } from 'aedes';
import { internals, type ClientInternals } from '../aedes/internals';
import { CONNACK } from '../errors';
import type { Limits } from '../limits';
import { validateClientId, quoteName } from '../topic';
import { LoginError } from './access';
import type { AuthenticatedClients } from './authenticated-clients';
import { callHook, type AedesHooks, type PolicyHooks } from './hooks';
import type { PublishPolicy } from './publish-policy';

export interface ConnectPolicyOptions {
  hooks: PolicyHooks;
  authenticatedClients: AuthenticatedClients;
  limits: Pick<Limits, 'clientIdLength' | 'sessions'>;
  /** Number of sessions, without the session of this client. */
  countOtherSessions: (clientId: string) => number | Promise<number>;
  /** Checks the will, which is published later without a further check. */
  mayPublish: PublishPolicy['mayPublish'];
}

/** Decides which clients may connect: by client id, number of sessions, credentials and will, in this order. */
export function connectPolicy(options: ConnectPolicyOptions): Pick<AedesHooks, 'preConnect' | 'authenticate'> {
  const { hooks, authenticatedClients, limits, countOtherSessions, mayPublish } = options;

  const checkWill = (client: Client, done: (error?: Error | null) => void): void => {
    const { _will: will } = client as ClientInternals;
    if (will) {
      mayPublish(client, will, (error) => done(error && new Error(`Will refused: ${error.message}`)));
    } else {
      done();
    }
  };

  return {
    preConnect: (client, { clientId, clean }, done) => {
      const refusal = checkClientId(clientId, clean, limits.clientIdLength);
      if (refusal) {
        // Aedes sends no CONNACK to a client that preConnect refuses.
        client.conn.write(Buffer.from([0x20, 2, 0, CONNACK.identifierRejected]));
        done(new Error(refusal), false);
      } else {
        done(null, true);
      }
    },

    authenticate: (client, username, password, done) => {
      const refuse = (error: Error): void => {
        const { returnCode = CONNACK.notAuthorized } = error as { returnCode?: number };
        done(Object.assign(error, { returnCode }), false);
      };
      const accept: typeof done = (error, successful) => {
        if (error || !successful) {
          done(error, successful);
          return;
        }
        checkWill(client, (willError) => {
          if (willError) {
            refuse(willError);
          } else {
            done(null, true);
          }
        });
      };
      const authenticate = (otherSessions: number): void => {
        if (otherSessions >= limits.sessions) {
          const message = `Session limit reached (${limits.sessions} sessions)`;
          refuse(new LoginError(CONNACK.serverUnavailable, message));
        } else if (hooks.authenticate) {
          callHook(refuse, () => hooks.authenticate?.(client, username, password, accept));
        } else {
          const connected = internals((client as ClientInternals).broker).clients[client.id];
          authenticatedClients.login(client, username, password, connected).then(() => accept(null, true), refuse);
        }
      };
      const otherSessions = client.clean ? 0 : countOtherSessions(client.id);
      if (typeof otherSessions === 'number') {
        authenticate(otherSessions);
      } else {
        otherSessions.then(authenticate, refuse);
      }
    },
  };
}

/** The reason why a client id is refused, or undefined for one that is accepted. */
function checkClientId(clientId: string, clean: boolean | undefined, maxLength: number): string | undefined {
  if (clientId === '' && clean === false) {
    return 'A persistent session needs a client id [MQTT-3.1.3-8]';
  }
  if (clientId.length > maxLength) {
    return `Client id of ${clientId.length} characters is over the limit of ${maxLength}`;
  }
  const fault = validateClientId(clientId);
  return fault && `Client id ${quoteName(clientId)} ${fault}`;
}
