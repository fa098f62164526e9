import type { Client, PublishPacket } from 'aedes';
import { publishBeforePuback } from '../aedes/publish-before-puback';
import { isSysFilter, quoteName, validateTopic } from '../topic';
import type { AuthenticatedClients } from './authenticated-clients';
import { callHook, type AedesHooks, type PolicyHooks } from './hooks';
import type { ReservedTopics } from './reserved-topics';

export interface PublishPolicyOptions {
  hooks: PolicyHooks;
  authenticatedClients: AuthenticatedClients;
  reservedTopics: ReservedTopics;
}

export interface PublishPolicy {
  /** Calls `done` with the error that refuses the message, or without one. */
  mayPublish: (client: Client, packet: PublishPacket, done: (error?: Error | null) => void) => void;
  readonly hooks: Pick<AedesHooks, 'authorizePublish'>;
}

/** Decides which clients may publish on which topics. */
export function publishPolicy({ hooks, authenticatedClients, reservedTopics }: PublishPolicyOptions): PublishPolicy {
  /** The last topic that was found to be valid: mostly, the next one is the same string. */
  let valid: string | undefined;

  const problemOf = (topic: string): string | undefined => {
    if (topic === valid) {
      return undefined;
    }
    const problem = validateTopic(topic) ?? (isSysFilter(topic) ? 'is reserved for the broker' : undefined);
    if (problem === undefined) {
      valid = topic;
    }
    return problem;
  };

  const mayPublish: PublishPolicy['mayPublish'] = (client, packet, done) => {
    const { topic } = packet;
    const reserved = reservedTopics.checkPublish(topic);
    const refusal = problemOf(topic) ?? (typeof reserved === 'object' ? reserved.refused : undefined);
    if (refusal) {
      done(new Error(`Topic ${quoteName(topic)} ${refusal}`));
    } else if (reserved === 'allowed') {
      done(null);
    } else if (hooks.authorizePublish) {
      callHook(done, () => hooks.authorizePublish?.(client, packet, done));
    } else if (authenticatedClients.rightsOf(client)?.mayWrite(topic) === false) {
      done(new Error(`Not allowed to publish on ${quoteName(topic)}`));
    } else {
      done(null);
    }
  };

  return {
    mayPublish,
    hooks: {
      authorizePublish: (client, packet, done) => {
        if (!client) {
          // The will of a client of a cluster's broker that is gone; it was checked at CONNECT.
          done();
          return;
        }
        mayPublish(client, packet, (error) => {
          if (error) {
            done(error);
          } else {
            publishBeforePuback(client, packet, done);
          }
        });
      },
    },
  };
}
