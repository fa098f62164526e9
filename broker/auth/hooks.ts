import type { AedesOptions } from 'aedes';
import { toError } from '../../src/utils/errors';

/**
 * Access control in code, with the signatures of the Aedes options of the same names. A hook replaces `users`, `acl` and
 * `jwt` for its question. A hook that throws refuses; it never ends the process.
 */
export interface PolicyHooks {
  /** `done(null, true)` accepts the client. An error with `returnCode` 2 to 5 becomes the CONNACK return code. */
  authenticate?: NonNullable<AedesOptions['authenticate']>;
  /** `done(error)` refuses the message and closes the connection: MQTT 3.1.1 has no other negative answer to PUBLISH. */
  authorizePublish?: NonNullable<AedesOptions['authorizePublish']>;
  /** `done(null, null)` answers SUBACK 0x80; `done(error)` closes the connection. */
  authorizeSubscribe?: NonNullable<AedesOptions['authorizeSubscribe']>;
  /** Whether every client may subscribe to `$SYS/...`, which reveals client ids and subscriptions. Default: false. */
  sysTopics?: boolean;
}

/** The hooks that Aedes is started with. */
export type AedesHooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>;

/** Calls a hook; an error that it throws becomes its refusal. */
export function callHook(refuse: (error: Error) => void, hook: () => void): void {
  try {
    hook();
  } catch (thrown) {
    refuse(toError(thrown));
  }
}
