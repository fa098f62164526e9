import type { Client } from 'aedes';
import { CONNACK } from '../errors';
import { type Access, LoginError, type Identity } from './access';
import type { Rights } from './acl';
import type { ClientStream } from '../transport/client-stream';
import type { SharedConnections } from '../storage/shared-store';

/** Longest time of a timer, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface Login {
  identity: Identity;
  rights: Rights | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** The identity and the rights of each connection. */
export class AuthenticatedClients {
  readonly #access: Access;
  readonly #byClient = new WeakMap<Client, Login>();
  readonly #findOnOtherBrokers: SharedConnections['findOnOtherBrokers'] | undefined;
  readonly #now: () => number;
  failures = 0;

  /**
   * @param findOnOtherBrokers who is connected to another broker of a cluster
   * @param now milliseconds since the epoch, for tokens
   */
  constructor(
    access: Access,
    findOnOtherBrokers?: SharedConnections['findOnOtherBrokers'],
    now: () => number = Date.now
  ) {
    this.#access = access;
    this.#findOnOtherBrokers = findOnOtherBrokers;
    this.#now = now;
  }

  /** Undefined for a client that may do everything but use `$SYS`. */
  rightsOf(client: Client): Rights | undefined {
    return this.#byClient.get(client)?.rights;
  }

  userOf(client: Client): string | undefined {
    return this.#byClient.get(client)?.identity.user;
  }

  /**
   * @param other who is connected with this client id, and would have to go
   * @throws LoginError with the return code for CONNACK
   */
  async login(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
    other: Client | undefined
  ): Promise<void> {
    const stream = client.conn as ClientStream;
    let identity: Identity;
    try {
      identity = await this.#access.login({
        username: username ?? undefined,
        password: password ?? undefined,
        authorization: client.req?.headers.authorization,
        certificateUser: stream.certificateUser,
        address: stream.remoteAddress,
      });
      const others = [other && { user: this.userOf(other) }, await this.#findOnOtherBrokers?.(client.id)];
      if (others.some((each) => each && each.user !== identity.user)) {
        // Otherwise every user could cut off every other, and would be handed its session.
        throw new LoginError(
          CONNACK.identifierRejected,
          'A client of another user is connected with this client id. Choose another client id'
        );
      }
    } catch (error) {
      this.failures += 1;
      throw error;
    }
    this.#enter(client, identity);
  }

  /** Checks an open connection again after a reload. Returns false when it must be closed. */
  recheck(client: Client): boolean {
    const login = this.#byClient.get(client);
    if (!login) {
      return true;
    }
    clearTimeout(login.timer);
    const identity = this.#access.renewed(login.identity);
    if (!identity) {
      return false;
    }
    this.#enter(client, identity);
    return true;
  }

  /** Called when a client has disconnected. */
  disconnected(client: Client): void {
    clearTimeout(this.#byClient.get(client)?.timer);
  }

  #enter(client: Client, identity: Identity): void {
    const login: Login = { identity, rights: this.#access.rights(identity, client.id), timer: undefined };
    this.#byClient.set(client, login);
    if (identity.expires !== undefined) {
      this.#endAt(client, login, identity.expires);
    }
  }

  #endAt(client: Client, login: Login, at: number): void {
    const left = at - this.#now();
    login.timer = setTimeout(
      () => {
        if (left > LONGEST_TIMER) {
          this.#endAt(client, login, at);
        } else if (!client.closed) {
          client.emit('error', new Error('The token has expired'));
        }
      },
      Math.min(Math.max(left, 0), LONGEST_TIMER)
    ).unref();
  }
}
