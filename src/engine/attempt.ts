import type { ConnectionTrace } from './connection-errors';
import { type IClientOptions, MqttClient, type MqttJsClient, type MqttJsStore } from './mqttjs';
import type { IncomingMessage } from './incoming-message';
import type { UserProperties } from '../payload';
import { MAX_PACKET_BYTES } from './publish-reader';
import type { ConnectionOptions, Credentials } from './protocol';
import type { ConnackProperties } from './server-properties';
import { createTransport, type OpenSocket, type Socket } from './transport';

/** Messages of QoS 1 and 2 that may be on their way to this client at a time (MQTT 5). */
const RECEIVE_MAXIMUM = 1_000;

/** How long the broker has to hear that this client leaves, in milliseconds. */
const GOODBYE_MS = 500;

/** Keepalive is this engine's own; see `Keepalive`. */
const NO_TIMER = { set: () => 0, clear: () => undefined };

export interface AttemptEvents {
  /** The broker accepted the connection; messages of the session may come before {@link onConnected}. */
  onSession(present: boolean): void;
  onConnected(connack: { readonly sessionPresent: boolean; readonly properties: ConnackProperties | undefined }): void;
  onMessage(message: IncomingMessage): void;
  /** Bytes came from the other side. */
  onBytes(): void;
  /** It did not come to a connection, or the connection has ended; nothing comes after this. */
  onFailed(trace: ConnectionTrace): void;
  wantsUserProperties(): boolean;
}

export interface AttemptOptions {
  readonly connection: ConnectionOptions;
  readonly protocolVersion: 4 | 5;
  readonly clientId: string;
  readonly credentials: Credentials;
  /** Messages of QoS 2 that are half received, kept over the connections of one session. */
  readonly incomingStore: MqttJsStore;
  readonly openSocket: OpenSocket;
  /** Seconds from the open socket to CONNACK, if they are fewer than the connect timeout leaves. */
  readonly connackTimeout?: number | undefined;
}

/** One attempt to connect and the connection that comes of it: a socket and a client of mqtt.js that live once. */
export class Attempt {
  readonly client: MqttJsClient;
  readonly #events: AttemptEvents;
  readonly #trace: { -readonly [K in keyof ConnectionTrace]: ConnectionTrace[K] };
  readonly #connackTimeout: number | undefined;
  #connackTimer: ReturnType<typeof setTimeout> | undefined;
  #openedAt = 0;
  #ended = false;
  /** From the open socket to CONNACK, in milliseconds. */
  connectMs = 0;

  /** @throws where the browser will never open this URL: a malformed one, or `ws://` on a page of `https://`. */
  constructor(options: AttemptOptions, events: AttemptEvents) {
    const { connection, protocolVersion } = options;
    this.#events = events;
    this.#connackTimeout = options.connackTimeout;
    const { username, password } = options.credentials;
    const credentials = username !== undefined || password !== undefined;
    this.#trace = {
      url: connection.url,
      clientId: options.clientId,
      protocolVersion,
      credentials,
      opened: false,
      connected: false,
    };
    const transport = this.#transport(options.openSocket(connection.url, ['mqtt']), protocolVersion);
    this.client = new MqttClient(() => transport as unknown as MqttJsClient['stream'], clientOptions(options));
    this.#listen();
  }

  /** The broker does not answer. */
  onKeepaliveTimeout(): void {
    this.#trace.keepaliveTimeout = true;
    this.#fail();
  }

  /** Publishes with QoS 0, not retained. A connection that ends over it says so itself. @returns whether it stands. */
  publish(topic: string, payload: Uint8Array): boolean {
    const stands = this.client.connected && !this.#ended;
    if (stands) {
      this.client.publish(topic, payload as Buffer, { qos: 0, retain: false });
    }
    return stands;
  }

  /** Ends the attempt at once; its further events are ignored. */
  abandon(): void {
    this.#ended = true;
    clearTimeout(this.#connackTimer);
    this.client.end(true);
  }

  /** Takes leave of the broker, which has {@link GOODBYE_MS} to hear it. @param done called once. */
  leave(done: () => void): void {
    this.#ended = true;
    let finished = false;
    const finish = (): void => {
      if (!finished) {
        finished = true;
        clearTimeout(late);
        done();
      }
    };
    // mqtt.js waits for all acknowledgements, for as long as it takes.
    const late = setTimeout(() => {
      this.client.stream.destroy();
      finish();
    }, GOODBYE_MS);
    // Nobody comes back to the session; a broker that is not informed stores it until it expires [MQTT5-3.14.2.2.2].
    const keepsSession = this.client.options.clean === false && this.client.options.protocolVersion === 5;
    this.client.end(false, keepsSession ? { properties: { sessionExpiryInterval: 0 } } : {}, finish);
  }

  #transport(socket: Socket, protocolVersion: 4 | 5): ReturnType<typeof createTransport> {
    return createTransport(socket, {
      protocolVersion,
      onOpen: () => {
        this.#trace.opened = true;
        this.#openedAt = performance.now();
        if (this.#connackTimeout !== undefined) {
          this.#connackTimer = setTimeout(() => this.#onConnackTimeout(), this.#connackTimeout * 1_000);
        }
      },
      onClose: (code, reason) => {
        this.#trace.closeCode = code;
        if (reason !== '') {
          this.#trace.closeReason = reason;
        }
        // 1006: no close frame came, and whatever was wrong may have been so for long.
        if (code !== 1006) {
          this.#events.onBytes();
        }
      },
      onBytes: () => this.#events.onBytes(),
      onViolation: (what) => (this.#trace.violation = what),
      onTooLarge: (bytes) => (this.#trace.tooLarge = bytes),
      onUnsendable: (reason) => (this.#trace.unsendable = reason),
      onPublish: (message) => {
        if (!this.#ended) {
          this.#events.onMessage(message);
        }
      },
      wantsUserProperties: () => this.#events.wantsUserProperties(),
    });
  }

  #listen(): void {
    const { client } = this;
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack' && !this.#ended) {
        this.#events.onSession(packet.sessionPresent);
      }
    });
    client.on('connect', ({ sessionPresent, properties }) => {
      clearTimeout(this.#connackTimer);
      this.#trace.connected = true;
      this.connectMs = performance.now() - this.#openedAt;
      if (!this.#ended) {
        this.#events.onConnected({ sessionPresent, properties });
      }
    });
    client.on('message', (topic, payload, packet) => {
      if (!this.#ended) {
        const { qos, retain, dup, messageId, properties } = packet;
        const ids = properties?.subscriptionIdentifier ?? [];
        this.#events.onMessage({
          topic,
          payload,
          qos,
          retain,
          dup,
          messageId,
          subscriptionIdentifiers: typeof ids === 'number' ? [ids] : ids,
          userProperties: this.#events.wantsUserProperties() ? userProperties(properties?.userProperties) : undefined,
        });
      }
    });
    client.on('disconnect', ({ reasonCode, properties }) => {
      if (client.options.protocolVersion !== 5) {
        return; // MQTT 3.1.1 has none from the broker [MQTT-3.14]; one that comes (mochi 2.7) says nothing, and the close follows.
      }
      this.#trace.disconnect = reasonCode ?? 0;
      this.#trace.reasonString = properties?.reasonString;
      this.#trace.serverReference = properties?.serverReference;
      this.#fail();
    });
    client.on('error', (error) => {
      const { code } = error as { code?: unknown };
      if (error.message === 'connack timeout') {
        this.#trace.timedOut = true;
      } else if (typeof code !== 'number') {
        this.#trace.violation ??= error.message;
      } else if (this.#trace.connected) {
        // mqtt.js's own complaint about what the broker sent, with the reason code for a DISCONNECT.
        this.#trace.violation ??= error.message;
      } else {
        this.#trace.refusal = code;
        this.#trace.reasonString = client.serverProperties?.reasonString;
        this.#trace.serverReference = client.serverProperties?.serverReference;
      }
      this.#fail();
    });
    client.on('close', () => this.#fail());
  }

  #onConnackTimeout(): void {
    this.#trace.timedOut = true;
    this.#fail();
  }

  #fail(): void {
    if (!this.#ended) {
      this.abandon();
      this.#events.onFailed(this.#trace);
    }
  }
}

function clientOptions({
  connection,
  protocolVersion,
  clientId,
  credentials,
  incomingStore,
}: AttemptOptions): IClientOptions {
  const { url, keepalive, connectTimeout, cleanStart, sessionExpiry } = connection;
  return {
    protocol: url.startsWith('wss:') ? 'wss' : 'ws',
    protocolVersion,
    protocolId: 'MQTT',
    clientId,
    ...loginOf(credentials),
    clean: cleanStart,
    keepalive,
    connectTimeout: connectTimeout * 1_000,
    incomingStore,
    reconnectPeriod: 0,
    resubscribe: false,
    // Its default logger costs a quarter of the receive path even when it is off.
    log: () => undefined,
    // mqtt-packet's cache of numbers is 65,536 buffers, which it makes before the first CONNECT.
    writeCache: false,
    timerVariant: NO_TIMER,
    ...(protocolVersion === 5
      ? {
          properties: {
            receiveMaximum: RECEIVE_MAXIMUM,
            maximumPacketSize: MAX_PACKET_BYTES,
            ...(cleanStart ? undefined : { sessionExpiryInterval: sessionExpiry }),
          },
        }
      : undefined),
  };
}

/** A password without a user name is not allowed in MQTT 3.1.1 [MQTT-3.1.2-22]; with an empty one it is. */
function loginOf({ username, password }: Credentials): Pick<IClientOptions, 'username' | 'password'> {
  return password === undefined ? (username === undefined ? {} : { username }) : { username: username ?? '', password };
}

/** As mqtt.js gives them: an object, with an array for a name that came more than once. */
function userProperties(given: Readonly<Record<string, string | string[]>> | undefined): UserProperties | undefined {
  if (given === undefined) {
    return undefined;
  }
  const properties = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(given)) {
    properties[name] = typeof value === 'string' ? value : value[0];
  }
  return properties;
}
