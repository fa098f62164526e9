import type { Aedes, AedesOptions, Client, Subscription } from 'aedes';
import { internals } from './aedes-internals';
import { filterFault, isSysFilter, topicFault } from './topic';

/**
 * Who may do what, with the signatures of Aedes' own options of these names. A hook that throws refuses; it never takes
 * the process down.
 */
export interface PolicyHooks {
  /** `done(null, true)` lets the client in; an error with `returnCode` 2 to 5 says why not in CONNACK. */
  authenticate?: NonNullable<AedesOptions['authenticate']>;
  /** `done(error)` refuses the message, and MQTT 3.1.1 leaves no other way to say so than to end the connection. */
  authorizePublish?: NonNullable<AedesOptions['authorizePublish']>;
  /** `done(null, null)` answers SUBACK 0x80; `done(error)` ends the connection. */
  authorizeSubscribe?: NonNullable<AedesOptions['authorizeSubscribe']>;
  /** Whether clients may subscribe to `$SYS/...`, which tells client ids and who subscribes to what. Default: false. */
  sysTopics?: boolean;
}

type AedesHooks = Required<Pick<AedesOptions, 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>>;

/** Subscriptions that were granted, by the object that asked for them. */
type Granted = WeakMap<Subscription, Subscription>;

/** The hooks that Aedes is started with, and what has to be done to it once it runs. */
export function createPolicy(hooks: PolicyHooks): { hooks: AedesHooks; guard(aedes: Aedes): void } {
  const granted: Granted = new WeakMap();
  return {
    hooks: {
      authenticate: (client, username, password, done) => {
        if (!hooks.authenticate) {
          done(null, true);
          return;
        }
        const refuse = (error: Error): void => done(Object.assign(error, { returnCode: NOT_AUTHORIZED }), false);
        guarded(refuse, () => hooks.authenticate?.(client, username, password, done));
      },
      authorizePublish: (client, packet, done) => {
        const fault =
          topicFault(packet.topic) ?? (isSysFilter(packet.topic) ? 'is reserved for the broker' : undefined);
        if (fault) {
          done(new Error(`Topic ${quote(packet.topic)} ${fault}`));
        } else if (hooks.authorizePublish) {
          guarded(done, () => hooks.authorizePublish?.(client, packet, done));
        } else {
          done(null);
        }
      },
      authorizeSubscribe: (client, subscription, done) => {
        const answer: typeof done = (error, result) => {
          if (!error && result) {
            granted.set(subscription, result);
          }
          done(error, result);
        };
        const fault = filterFault(subscription.topic);
        if (fault) {
          answer(new Error(`Filter ${quote(subscription.topic)} ${fault}`));
        } else if (isSysFilter(subscription.topic) && hooks.sysTopics !== true) {
          answer(null, null);
        } else if (hooks.authorizeSubscribe) {
          guarded(answer, () => hooks.authorizeSubscribe?.(client, subscription, answer));
        } else {
          answer(null, subscription);
        }
      },
    },
    guard: (aedes) => storeOnlyGranted(aedes, granted),
  };
}

/** CONNACK return code, MQTT 3.1.1 table 3.1. */
const NOT_AUTHORIZED = 5;

/**
 * Aedes 1.2.0 stores every filter of a persistent session's SUBSCRIBE as soon as one of them is granted, the refused
 * ones too, and then queues and later delivers what they match. Only what was granted is stored here.
 */
function storeOnlyGranted(aedes: Aedes, granted: Granted): void {
  const { persistence } = internals(aedes);
  const addSubscriptions = persistence.addSubscriptions.bind(persistence);
  persistence.addSubscriptions = (client: Client, subscriptions: Subscription[]) =>
    addSubscriptions(
      client,
      subscriptions.flatMap((asked) => granted.get(asked) ?? [])
    );
}

/** Runs a hook; what it throws becomes its refusal. */
function guarded(refuse: (error: Error) => void, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    refuse(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }
}

/** A name from the wire for an error message: escaped, and not longer than a line. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
