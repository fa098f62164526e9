/** An MQTT 3.1.1 client for tests, which sends exactly the given packets and nothing else. */
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { generate, parser, type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import { until } from './clients';

export type Received<T extends Packet['cmd']> = Extract<Packet, { cmd: T }>;

export interface RawMqtt extends Disposable {
  socket: Socket;
  /** Everything received, in order. */
  received: Packet[];
  send(...packets: Packet[]): void;
  /** The next packet of this kind, not returned before. */
  next<T extends Packet['cmd']>(cmd: T): Promise<Received<T>>;
  /** Messages received so far. */
  messages(): IPublishPacket[];
}

/** Connects a socket, without CONNECT. */
export async function openRaw(port: number): Promise<RawMqtt> {
  const socket = connectSocket(port, '127.0.0.1');
  const received: Packet[] = [];
  const returned = new Set<Packet>();
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', (packet) => received.push(packet));
  socket.on('data', (chunk) => reader.parse(chunk));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return {
    socket,
    received,
    send: (...packets) => {
      socket.write(Buffer.concat(packets.map((packet) => generate(packet))));
    },
    next: async <T extends Packet['cmd']>(cmd: T) => {
      const found = (): Packet | undefined => received.find((packet) => packet.cmd === cmd && !returned.has(packet));
      await until(`${cmd}; received: ${received.map((packet) => packet.cmd).join(', ')}`, () => found() !== undefined);
      const packet = found()!;
      returned.add(packet);
      return packet as Received<T>;
    },
    messages: () => received.filter((packet) => packet.cmd === 'publish'),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

export const connectPacket = (clientId: string, more: Partial<IConnectPacket> = {}): IConnectPacket => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  keepalive: 0,
  ...more,
  clientId,
});

let lastMessageId = 0;
const messageId = (): number => (lastMessageId = (lastMessageId % 65_535) + 1);

export const publishPacket = (
  topic: string,
  payload: string,
  qos: 0 | 1 | 2 = 0,
  more: Partial<IPublishPacket> = {}
): IPublishPacket => ({
  cmd: 'publish',
  topic,
  payload,
  qos,
  dup: false,
  retain: false,
  ...(qos > 0 && { messageId: messageId() }),
  ...more,
});

/** Connects and waits for CONNACK. */
export async function connectMqtt(
  port: number,
  clientId: string,
  more: Partial<IConnectPacket> = {}
): Promise<RawMqtt & { sessionPresent: boolean; returnCode: number }> {
  const client = await openRaw(port);
  if (clientId === '' && more.clean === false) {
    // mqtt-packet refuses to write an invalid packet
    client.socket.write(Buffer.from('100c00044d515454040000000000', 'hex'));
  } else {
    client.send(connectPacket(clientId, more));
  }
  const { returnCode = -1, sessionPresent } = await client.next('connack');
  return { ...client, returnCode, sessionPresent };
}

/** Subscribes; returns the codes of SUBACK. */
export async function subscribe(client: RawMqtt, filters: Record<string, 0 | 1 | 2>): Promise<number[]> {
  const subscriptions = Object.entries(filters).map(([topic, qos]) => ({ topic, qos }));
  client.send({ cmd: 'subscribe', messageId: messageId(), subscriptions });
  return (await client.next('suback')).granted as number[];
}

/** Publishes and waits for all acknowledgements. */
export async function publish(client: RawMqtt, packet: IPublishPacket): Promise<void> {
  client.send(packet);
  if (packet.qos === 1) {
    await client.next('puback');
  } else if (packet.qos === 2) {
    await client.next('pubrec');
    client.send({ cmd: 'pubrel', messageId: packet.messageId });
    await client.next('pubcomp');
  }
}

/** Receives the next message and acknowledges it. */
export async function take(client: RawMqtt): Promise<IPublishPacket> {
  const message = await client.next('publish');
  const { messageId: id, qos } = message;
  if (qos === 1) {
    client.send({ cmd: 'puback', messageId: id });
  } else if (qos === 2) {
    client.send({ cmd: 'pubrec', messageId: id });
    await client.next('pubrel');
    client.send({ cmd: 'pubcomp', messageId: id });
  }
  return message;
}
