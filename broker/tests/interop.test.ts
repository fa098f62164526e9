/** Common client libraries, with every listener that they support: each publishes and subscribes. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type FixtureOptions, type TestBroker } from '../fixture';
import type { Endpoint } from '../transport/listener-options';
import { CERTIFICATES } from '../testing/certificates';
import { connectClient, until } from '../testing/clients';

const EVERY_LISTENER: FixtureOptions = {
  listeners: [
    { type: 'tls', port: 0, ...CERTIFICATES.server },
    { type: 'wss', port: 0, ...CERTIFICATES.server },
  ],
};

const endpointOf = (broker: TestBroker, type: Endpoint['type']): Endpoint =>
  broker.endpoints.find((endpoint) => endpoint.type === type)!;

const subscribed = (broker: TestBroker, filter: string) => (): boolean =>
  [...broker.subscriptions().values()].flat().includes(filter);

describe.each(['tcp', 'tls', 'ws', 'wss'] as const)('mqtt.js over %s', (type) => {
  test.each([0, 1, 2] as const)('QoS %d', async (qos) => {
    await using broker = await startBroker(EVERY_LISTENER);
    const { url } = endpointOf(broker, type);
    await using client = await connectClient(url, { ca: CERTIFICATES.ca });
    await client.client.subscribeAsync('home/#', { qos });
    await client.client.publishAsync('home/kitchen', '21.5', { qos, retain: true });
    await until('it', () => client.deliveries.length === 1);
    expect(client.deliveries).toEqual([{ topic: 'home/kitchen', text: '21.5', qos, retain: false }]);
  });
});

/** The packets of PubSubClient, the common Arduino library: a buffer of 256 bytes, one packet per write, QoS 0. */
class ArduinoClient {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  readonly messages: Array<[topic: string, payload: string]> = [];

  /** @param over a `WiFiClient`, or, on an ESP32 or ESP8266, a `WiFiClientSecure` */
  constructor(port: number, over: 'tcp' | 'tls') {
    this.#socket =
      over === 'tls' ? connectTls({ port, host: 'localhost', ca: CERTIFICATES.ca }) : connectSocket(port, '127.0.0.1');
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
    });
  }

  async connect(id: string, user: string, password: string): Promise<number> {
    await once(this.#socket, this.#socket instanceof TLSSocket ? 'secureConnect' : 'connect');
    const will = [...this.#text(`tele/${id}/LWT`), ...this.#text('Offline')];
    const head = [...this.#text('MQTT'), 4, 0x02 | 0x04 | 0x20 | 0x80 | 0x40, 0, 15];
    this.#write(0x10, [...head, ...this.#text(id), ...will, ...this.#text(user), ...this.#text(password)]);
    return (await this.#read())[3];
  }

  publish(topic: string, payload: string, retain = false): void {
    this.#write(0x30 | (retain ? 1 : 0), [...this.#text(topic), ...Buffer.from(payload)]);
  }

  async subscribe(topic: string): Promise<number> {
    this.#write(0x82, [0, 1, ...this.#text(topic), 0]);
    return (await this.#read())[4];
  }

  async ping(): Promise<number> {
    this.#write(0xc0, []);
    return (await this.#read())[0];
  }

  /** Reads one packet; a PUBLISH goes to `messages`. */
  async loop(): Promise<void> {
    const packet = await this.#read();
    const topicLength = packet.readUInt16BE(2);
    this.messages.push([packet.subarray(4, 4 + topicLength).toString(), packet.subarray(4 + topicLength).toString()]);
  }

  stop(): void {
    this.#socket.destroy();
  }

  async #read(): Promise<Buffer> {
    await until('a packet', () => this.#bytes.length >= 2 && this.#bytes.length >= 2 + this.#bytes[1]);
    const packet = this.#bytes.subarray(0, 2 + this.#bytes[1]);
    this.#bytes = this.#bytes.subarray(packet.length);
    return packet;
  }

  #write(header: number, body: number[]): void {
    this.#socket.write(Buffer.from([header, body.length, ...body]));
  }

  #text(value: string): number[] {
    const bytes = Buffer.from(value);
    return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
  }
}

test.each(['tcp', 'tls'] as const)('an Arduino with PubSubClient over %s', async (type) => {
  await using broker = await startBroker(EVERY_LISTENER);
  const arduino = new ArduinoClient(endpointOf(broker, type).port, type);
  expect(await arduino.connect('esp32', 'anna', 'secret')).toBe(0);
  expect(await arduino.subscribe('cmnd/esp32/+')).toBe(0);
  arduino.publish('tele/esp32/LWT', 'Online', true);
  arduino.publish('tele/esp32/temperature', '21.50');
  expect((await broker.message('tele/esp32/temperature')).text).toBe('21.50');
  await broker.publish({ topic: 'cmnd/esp32/POWER', payload: 'ON', qos: 1 });
  await arduino.loop();
  expect(arduino.messages).toEqual([['cmnd/esp32/POWER', 'ON']]);
  expect(await arduino.ping()).toBe(0xd0);
  arduino.stop();
  await until('its will', () => broker.received.some(({ text }) => text === 'Offline'));
});

function programs(...names: string[]): boolean {
  try {
    names.forEach((name) => execFileSync('which', [name], { stdio: 'ignore' }));
    return true;
  } catch {
    return false;
  }
}

const hasMosquitto = programs('mosquitto_pub', 'mosquitto_sub');

describe('mosquitto_pub and mosquitto_sub', () => {
  beforeAll(() => {
    if (!hasMosquitto) {
      process.stderr.write('The tests with mosquitto_pub do not run: there is none (Debian: mosquitto-clients).\n');
    }
  });

  test('are installed where the environment requires it', () => {
    expect(hasMosquitto || process.env['REQUIRE_MOSQUITTO'] !== '1').toBe(true);
  });

  test.skipIf(!hasMosquitto).each(['tcp', 'tls'] as const)('over %s, with users and rules', async (type) => {
    await using broker = await startBroker(EVERY_LISTENER);
    const { port } = endpointOf(broker, type);
    const tls = type === 'tls' ? ['--cafile', CERTIFICATES.caFile] : [];
    const at = ['-h', type === 'tls' ? 'localhost' : '127.0.0.1', '-p', String(port), ...tls];
    const sub = spawn('mosquitto_sub', [...at, '-t', 'home/#', '-q', '2', '-C', '3', '-F', '%t %q %r %p']);
    const lines: Buffer[] = [];
    sub.stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    const ended = once(sub, 'close');
    await until('mosquitto_sub to be subscribed', subscribed(broker, 'home/#'));
    for (const qos of ['0', '1', '2']) {
      await promisify(execFile)('mosquitto_pub', [...at, '-t', `home/${qos}`, '-m', `value ${qos}`, '-q', qos, '-r']);
    }
    await ended;
    expect(Buffer.concat(lines).toString()).toBe('home/0 0 0 value 0\nhome/1 1 0 value 1\nhome/2 2 0 value 2\n');
  });
});

/** A Python with paho-mqtt (Debian: python3-paho-mqtt). */
const python = ['python3', '/usr/bin/python3'].find((name) => {
  try {
    execFileSync(name, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Subscribes, publishes with each QoS, prints the deliveries, and disconnects. Works with paho-mqtt 1 and 2. */
const SCRIPT = `
import ssl, sys
import paho.mqtt.client as paho
transport, port, ca = sys.argv[1], int(sys.argv[2]), sys.argv[3]
kind = 'websockets' if transport in ('ws', 'wss') else 'tcp'
if hasattr(paho, 'CallbackAPIVersion'):
    client = paho.Client(paho.CallbackAPIVersion.VERSION1, client_id='paho', transport=kind)
else:
    client = paho.Client(client_id='paho', transport=kind)
if transport in ('tls', 'wss'):
    client.tls_set(ca_certs=ca)
if kind == 'websockets':
    client.ws_set_options(path='/mqtt')
got = []
def on_connect(client, userdata, flags, rc):
    client.subscribe('home/#', qos=2)
def on_subscribe(client, userdata, mid, granted):
    for qos in (0, 1, 2):
        client.publish('home/%d' % qos, 'value %d' % qos, qos=qos)
def on_message(client, userdata, message):
    got.append('%s %d %s' % (message.topic, message.qos, message.payload.decode()))
    if len(got) == 3:
        client.disconnect()
client.on_connect, client.on_subscribe, client.on_message = on_connect, on_subscribe, on_message
client.connect('localhost' if transport in ('tls', 'wss') else '127.0.0.1', port)
client.loop_forever()
print('\\n'.join(sorted(got)))
`;

describe('Python with paho-mqtt', () => {
  beforeAll(() => {
    if (python === undefined) {
      process.stderr.write('The tests with paho-mqtt do not run: no Python has it (Debian: python3-paho-mqtt).\n');
    }
  });

  test('is installed where the environment requires it', () => {
    expect(python !== undefined || process.env['REQUIRE_PAHO'] !== '1').toBe(true);
  });

  test.skipIf(python === undefined).each(['tcp', 'tls', 'ws', 'wss'] as const)('over %s', async (type) => {
    await using broker = await startBroker(EVERY_LISTENER);
    const { port } = endpointOf(broker, type);
    const { stdout } = await promisify(execFile)(
      python ?? 'python3',
      ['-c', SCRIPT, type, String(port), CERTIFICATES.caFile],
      { timeout: 20_000 }
    );
    expect(stdout).toBe('home/0 0 value 0\nhome/1 1 value 1\nhome/2 2 value 2\n');
    expect(broker.clientErrors).toEqual([]);
  });
});
