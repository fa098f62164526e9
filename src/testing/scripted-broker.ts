import { once } from 'node:events';
import mqttPacket, { type IConnectPacket, type Packet } from 'mqtt-packet';
import { type WebSocket, WebSocketServer } from 'ws';

/** One client of a scripted broker. */
export class ScriptedClient {
  /** Everything that it sent. */
  readonly sent: Packet[] = [];
  connect: IConnectPacket | undefined;

  constructor(readonly socket: WebSocket) {}

  get version(): number {
    return this.connect?.protocolVersion ?? 4;
  }

  send(packet: Packet): void {
    this.raw(mqttPacket.generate(packet, { protocolVersion: this.version }));
  }

  raw(...bytes: ReadonlyArray<number | Uint8Array>): void {
    this.socket.send(Buffer.concat(bytes.map((each) => (typeof each === 'number' ? Buffer.of(each) : each))));
  }

  text(text: string): void {
    this.socket.send(text);
  }

  /** Filters that it asked for, in order. */
  get asked(): string[] {
    return this.sent.flatMap((packet) =>
      packet.cmd === 'subscribe' ? packet.subscriptions.map(({ topic }) => topic) : []
    );
  }

  /** Filters that it asked to be without. */
  get dropped(): string[] {
    return this.sent.flatMap((packet) => (packet.cmd === 'unsubscribe' ? packet.unsubscriptions : []));
  }
}

/** Answers a packet; `false` leaves it to the broker, which does the usual. */
export type Script = (packet: Packet, client: ScriptedClient) => boolean | void;

/** A broker over WebSockets that does as the test says: for answers that no broker at hand can be brought to give. */
export class ScriptedBroker implements AsyncDisposable {
  readonly clients: ScriptedClient[] = [];
  readonly #server: WebSocketServer;
  url = '';

  private constructor(public script: Script) {
    this.#server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'mqtt' });
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(script: Script = () => false): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(script);
    await once(broker.#server, 'listening');
    broker.url = `ws://127.0.0.1:${(broker.#server.address() as { port: number }).port}`;
    return broker;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#server.clients.size;
  }

  get last(): ScriptedClient {
    return this.clients.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) {
      socket.terminate();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: WebSocket): void {
    const client = new ScriptedClient(socket);
    this.clients.push(client);
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => {
      client.sent.push(packet);
      if (packet.cmd === 'connect') {
        client.connect = packet;
      }
      if (this.script(packet, client) !== true) {
        answer(packet, client);
      }
    });
    socket.on('message', (data) => parser.parse(data as Buffer));
    socket.on('error', () => undefined);
  }
}

/** The answers of any broker to valid packets. */
function answer(packet: Packet, client: ScriptedClient): void {
  switch (packet.cmd) {
    case 'connect':
      accept(client);
      break;
    case 'subscribe':
      client.send({ cmd: 'suback', messageId: packet.messageId, granted: packet.subscriptions.map(({ qos }) => qos) });
      break;
    case 'unsubscribe':
      client.send({ cmd: 'unsuback', messageId: packet.messageId!, granted: packet.unsubscriptions.map(() => 0) });
      break;
    case 'pingreq':
      client.send({ cmd: 'pingresp' });
      break;
  }
}

export function accept(client: ScriptedClient, over: { sessionPresent?: boolean; properties?: object } = {}): void {
  const { sessionPresent = false, properties = {} } = over;
  client.send({ cmd: 'connack', sessionPresent, returnCode: 0, reasonCode: 0, properties });
}

export function refuse(client: ScriptedClient, code: number, properties: object = {}): void {
  client.send({ cmd: 'connack', sessionPresent: false, returnCode: code, reasonCode: code, properties });
  client.socket.close();
}

export function publish(client: ScriptedClient, topic: string, payload: string | number, over: object = {}): void {
  client.send({ cmd: 'publish', topic, payload: String(payload), qos: 0, retain: false, dup: false, ...over });
}
