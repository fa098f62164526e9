import { messageOf } from '../utils/errors';
import { newClientId } from './client-id';
import { Attempt } from './attempt';
import { errorCode } from './error-codes';
import { connectionErrorOf, type ConnectionTrace } from './connection-errors';
import type { ConnectionDeps, ConnectionEvents } from './connection-events';
import type { IncomingMessage } from './incoming-message';
import { Keepalive } from './keepalive';
import { Store } from './mqttjs';
import { ReconnectPolicy } from './reconnect-policy';
import type { ConnectionError, ConnectionOptions, ConnectionStatus, Credentials } from './protocol';
import { redeliveryPart } from './redelivery/part';
import type { Redelivery } from './redelivery/redelivery';
import { type ConnackProperties, serverProperties } from './server-properties';
import { Subscriptions } from './subscriptions';
import { VersionChoice } from './broker-quirks/mqtt-version';

/** How long the page may take to provide the credentials of an attempt, in milliseconds. */
const CREDENTIALS_MS = 30_000;

/** Two attempts because of `retry` are at least this far apart, in milliseconds. */
const RETRY_APART_MS = 1_000;

/** One MQTT connection that is kept up for as long as it is wanted. Nothing of a failed attempt is left over. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #deps: ConnectionDeps;
  readonly #subscriptions: Subscriptions;
  readonly #version: VersionChoice;
  readonly #reconnectPolicy: ReconnectPolicy;
  /** For a session that the broker keeps, as soon as its code is there. */
  #redelivery: Redelivery | undefined;
  /** Unique in each tab: two clients with one id drive each other out without end. */
  clientId: string;
  /** The broker has accepted it. */
  #isIdProven = false;
  /** Of QoS 2, kept for the session's sake. mqtt.js would close it with the client, and then trip over it. */
  #incomingStore = new Store({ clean: false });
  #attempt: Attempt | undefined;
  #keepalive: Keepalive | undefined;
  #status: ConnectionStatus;
  #connectedBefore = false;
  /** When something last came from the broker; a connection may have been dead for long when it is found to be. */
  #receivedAt = 0;
  #lastBegan = -Infinity;
  /** Waits for the next attempt, or for credentials from the page. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The request for credentials that is open, and how many there were. */
  #pendingRequest: number | undefined;
  #requests = 0;
  /** `retry` came while an attempt was under way. */
  #retryDue = false;
  #stopped = false;
  /** Counts attempts, to tell what came over this connection from what came before. */
  epoch = 0;
  /** Whether somebody wants the user properties of messages (MQTT 5). */
  wantsUserProperties = false;

  /**
   * @param older whether the broker is known to want MQTT 3.1.1 where the version is chosen here.
   * @param clientId default: the prefix of the options with a random part.
   */
  constructor(
    options: ConnectionOptions,
    older: boolean,
    events: ConnectionEvents,
    deps: ConnectionDeps,
    clientId = newClientId(options.clientIdPrefix, deps.random)
  ) {
    this.#options = options;
    this.#events = events;
    this.#deps = deps;
    this.#version = new VersionChoice(options.protocolVersion, older);
    this.#reconnectPolicy = new ReconnectPolicy(deps.random);
    this.#subscriptions = new Subscriptions((filter, refusal) => events.onSubscribed(filter, refusal), deps.now);
    this.clientId = clientId;
    this.#status = { state: 'connecting', since: deps.now() };
    events.onStatus(this.#status);
    if (options.cleanStart) {
      this.#begin();
    } else {
      void this.#prepare();
    }
  }

  /**
   * Asks for a filter. Asked again, the broker sends its retained messages again.
   *
   * @param id the subscription identifier, from 1; MQTT 5 brokers name it with each message.
   */
  subscribe(filter: string, qos: 0 | 1 | 2, id: number): void {
    this.#subscriptions.subscribe(filter, qos, id);
  }

  /** @param done called when the broker's session has the filter no longer. */
  unsubscribe(filter: string, done?: () => void): void {
    this.#subscriptions.unsubscribe(filter, done);
  }

  /**
   * Publishes with QoS 0, not retained: there is no acknowledgement, so what becomes of the message is not known.
   *
   * @returns whether there is a connection to publish over.
   */
  publish(topic: string, payload: Uint8Array): boolean {
    return this.#attempt?.publish(topic, payload) === true;
  }

  /** See {@link Subscriptions.grantedQos}. */
  grantedQos(filter: string): 0 | 1 | 2 {
    return this.#subscriptions.grantedQos(filter);
  }

  /** The page has credentials: what the attempt is to be made with. */
  credentials(attempt: number, credentials: Credentials): void {
    if (this.#pendingRequest === attempt) {
      this.#pendingRequest = undefined;
      this.#open(credentials);
    }
  }

  /** The page has no credentials for the attempt. @param retry whether to request them again after a wait. */
  noCredentials(attempt: number, error: ConnectionError, retry: boolean): void {
    if (this.#pendingRequest === attempt) {
      this.#pendingRequest = undefined;
      this.#failed(error, retry);
    }
  }

  /**
   * Makes the next attempt now. An established connection is checked with a ping.
   *
   * @param force replaces an established connection too.
   */
  reconnect({ force = false } = {}): void {
    if (this.#stopped) {
      return;
    }
    this.#version.reset();
    if (this.#status.state === 'connected') {
      if (force) {
        this.#renew();
      } else {
        this.#keepalive?.check();
      }
    } else if (this.#attempt !== undefined || this.#pendingRequest !== undefined) {
      this.#retryDue = true;
    } else {
      this.#beginIn(Math.max(0, this.#lastBegan + RETRY_APART_MS - performance.now()));
    }
  }

  /** Takes leave of the broker and ends. */
  stop(done: () => void): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#keepalive?.stop();
    this.#redelivery?.end();
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt === undefined || this.#status.state !== 'connected') {
      attempt?.abandon();
      done();
      return;
    }
    attempt.leave(done);
  }

  /** Loads what a session needs that the broker keeps. Without it, the connection works, and rows may come twice. */
  async #prepare(): Promise<void> {
    await redeliveryPart.load();
    const { code } = redeliveryPart;
    this.#redelivery = code && new code.Redelivery((message) => this.#receive(message, true));
    if (!this.#stopped && this.#lastBegan === -Infinity) {
      this.#begin();
    }
  }

  /** Leaves and comes back: other credentials were entered, or what is saved has changed. */
  #renew(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#keepalive?.stop();
    this.#keepalive = undefined;
    this.#redelivery?.end();
    this.#subscriptions.disconnected(false);
    attempt?.leave(() => undefined);
    const message = 'The data source reconnects with other credentials or settings.';
    this.#setStatus({ state: 'reconnecting', since: this.#deps.now(), error: { code: 'credentials', message } });
    this.#beginIn(0);
  }

  #beginIn(delay: number): void {
    clearTimeout(this.#timer);
    // The status before may have been the reason to stop
    this.#timer = this.#stopped ? undefined : setTimeout(() => this.#begin(), delay);
  }

  #begin(): void {
    this.#lastBegan = performance.now();
    if (this.#status.state === 'stopped') {
      this.#setStatus({ ...this.#status, state: this.#connectedBefore ? 'reconnecting' : 'connecting' });
    }
    const { credentials, connectTimeout } = this.#options;
    if (credentials !== 'request') {
      this.#open(credentials);
      return;
    }
    const attempt = ++this.#requests;
    this.#pendingRequest = attempt;
    const message = 'The page did not provide the user name and the password in time.';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.noCredentials(attempt, { code: 'credentials', message }, true),
      Math.max(CREDENTIALS_MS, connectTimeout * 1_000)
    );
    this.#events.onCredentials(attempt);
  }

  #open(credentials: Credentials): void {
    clearTimeout(this.#timer);
    this.epoch++;
    const { url } = this.#options;
    const protocolVersion = this.#version.current;
    if (this.#options.cleanStart) {
      this.#incomingStore = new Store({ clean: false });
    }
    try {
      if (!/^wss?:\/\//i.test(url)) {
        // A browser takes it for a path below the address of this script.
        throw new Error('it does not begin with ws:// or wss://.');
      }
      const attempt: Attempt = new Attempt(
        {
          connection: this.#options,
          protocolVersion,
          clientId: this.clientId,
          credentials,
          incomingStore: this.#incomingStore,
          openSocket: this.#deps.openSocket,
          // Half of the time, so that 3.1.1 is tried while somebody still waits for the first result.
          connackTimeout: protocolVersion === 5 && this.#version.isOpen ? this.#options.connectTimeout / 2 : undefined,
        },
        {
          onSession: (present) => this.#redelivery?.begin(present),
          onConnected: (connack) => this.#connected(attempt, protocolVersion, connack),
          onMessage: (message) => this.#receive(message),
          onBytes: () => this.#onBytes(),
          onFailed: (trace) => this.#ended(trace, credentials),
          wantsUserProperties: () => this.wantsUserProperties,
        }
      );
      this.#attempt = attempt;
    } catch (error) {
      const reason = messageOf(error);
      this.#failed({
        code: 'url',
        message: `The browser cannot open the URL ${url}. Correct the URL in the settings of the data source: ${reason}`,
      });
    }
  }

  #connected(
    attempt: Attempt,
    protocolVersion: 4 | 5,
    { sessionPresent, properties }: { sessionPresent: boolean; properties: ConnackProperties | undefined }
  ): void {
    this.#version.onResponse();
    this.#connectedBefore = true;
    this.#isIdProven = true;
    this.#retryDue = false;
    this.#keepalive = new Keepalive({
      // The broker's own where it named one [MQTT5-3.2.2.3.14].
      keepalive: attempt.client.keepalive ?? 0,
      timeout: this.#options.connectTimeout,
      now: this.#deps.now,
      ping: () => attempt.client.sendPing(),
      onKeepaliveTimeout: () => attempt.onKeepaliveTimeout(),
    });
    this.#setStatus({
      state: 'connected',
      since: this.#deps.now(),
      protocolVersion,
      sessionPresent,
      ...(properties === undefined ? undefined : { server: serverProperties(properties) }),
      connectMs: attempt.connectMs,
    });
    this.#subscriptions.connected({ client: attempt.client, protocolVersion, sessionPresent });
  }

  #onBytes(): void {
    this.#receivedAt = this.#deps.now();
    this.#keepalive?.received();
  }

  #receive(message: IncomingMessage, isNew = message.qos !== 1 || this.#redelivery === undefined): void {
    if (isNew) {
      // Its row may be later than its bytes
      this.#receivedAt = this.#events.onMessage(message, this.#receivedAt) ?? this.#receivedAt;
    } else {
      this.#redelivery?.receive(message);
    }
  }

  #ended(trace: ConnectionTrace, credentials: Credentials): void {
    this.#attempt = undefined;
    this.#redelivery?.end();
    this.#keepalive?.stop();
    this.#keepalive = undefined;
    const pending = this.#subscriptions.disconnected(trace.keepaliveTimeout !== true);
    const otherVersion = this.#version.onEnded(trace);
    if (otherVersion !== undefined) {
      if (otherVersion === 'same') {
        this.#open(credentials);
      } else {
        this.#begin();
      }
      return;
    }
    if (trace.connected) {
      const { state, since } = this.#status;
      this.#reconnectPolicy.lost(state === 'connected' ? this.#deps.now() - since : Infinity, pending.length > 0);
    }
    const error = connectionErrorOf({
      ...trace,
      connectedBefore: this.#connectedBefore,
      pending,
      quickLosses: this.#reconnectPolicy.quickLosses,
    });
    if (error.code === 'client-id-invalid' && this.#isIdProven) {
      // The broker holds a connection that is gone, and refuses the id that it has (ActiveMQ Classic).
      this.#isIdProven = false;
      this.clientId = newClientId(this.#options.clientIdPrefix, this.#deps.random);
      this.#begin();
      return;
    }
    this.#failed(error);
  }

  /** @param retry whether there is another attempt without a request of the page. */
  #failed(error: ConnectionError, retry = errorCode(error.code).retry !== 'never'): void {
    const { state, since: before } = this.#status;
    const stood = state === 'connected';
    const { negotiated } = this.#version;
    this.#reconnectPolicy.failed();
    const next = this.#connectedBefore ? 'reconnecting' : 'connecting';
    this.#setStatus({
      state: retry || this.#retryDue ? next : 'stopped',
      since: stood ? this.#receivedAt : before,
      error,
      ...(negotiated === undefined ? undefined : { negotiatedVersion: negotiated }),
    });
    clearTimeout(this.#timer);
    if (this.#retryDue) {
      this.#retryDue = false;
      this.reconnect();
    } else if (retry) {
      // If the version is chosen here, the next attempt is made with another.
      this.#beginIn(this.#reconnectPolicy.delayAfter(error.code, stood, this.#options.protocolVersion === 'auto'));
    }
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status;
    this.#events.onStatus(status);
  }
}
