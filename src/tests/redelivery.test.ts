import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../broker/fixture';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import { seededRandom } from '../../testing/random';
import type { ConnectionDeps } from '../engine/connection-events';
import {
  REDELIVERY_BEHAVIOURS,
  RedeliveringSession,
  type RedeliveryBehaviour,
  type SentMessage,
} from '../testing/redelivering-session';
import { accept, publish, ScriptedBroker } from '../testing/scripted-broker';
import {
  connectedAndSubscribed,
  eventually,
  numbers,
  publishAll,
  shortestBackoff,
  TestEngine,
} from '../testing/test-engine';

const KEEPING = { cleanStart: false, sessionExpiry: 60 } as const;

const PUBACK = 0x40;

/** WebSockets that lose the acknowledgements of QoS 1 while `losesAcks` is set, as a network that is about to go. */
class AckLosingSockets {
  losesAcks = false;
  lost = 0;
  readonly deps: Partial<ConnectionDeps> = {
    ...shortestBackoff,
    openSocket: (url, protocols) => {
      const socket = new WebSocket(url, protocols);
      const send = socket.send.bind(socket);
      socket.send = (data: Uint8Array) => {
        if (this.losesAcks && data[0] === PUBACK) {
          this.lost++;
        } else {
          send(data);
        }
      };
      this.#last = socket;
      return socket;
    },
  };
  #last: WebSocket | undefined;

  cut(): void {
    this.#last?.terminate();
  }
}

const mosquitto = mosquittoPath();

describe.each([
  {
    name: 'the embedded broker',
    missing: false,
    protocolVersion: 4 as const,
    start: async () => {
      const broker = await startBroker();
      return { url: broker.ws!.url, tcpUrl: broker.tcp!.url, [Symbol.asyncDispose]: () => broker.close() };
    },
  },
  ...([4, 5] as const).map((protocolVersion) => ({
    name: `mosquitto, MQTT ${protocolVersion}`,
    missing: mosquitto === undefined,
    protocolVersion,
    start: async () => {
      const broker = await startMosquitto(mosquitto!);
      return {
        url: `ws://127.0.0.1:${broker.wsPort}/`,
        tcpUrl: `mqtt://127.0.0.1:${broker.tcpPort}`,
        [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
      };
    },
  })),
])('$name', ({ missing, protocolVersion, start }) => {
  test.skipIf(missing)(
    'rows come once over a connection whose acknowledgements were lost, also where values are equal',
    async () => {
      await using broker = await start();
      const client = await connectAsync(broker.tcpUrl);
      for (const payloads of [numbers(1, 15), Array<number>(15).fill(21.5)]) {
        const sockets = new AckLosingSockets();
        using engine = new TestEngine(broker.url, { ...KEEPING, protocolVersion }, sockets.deps);
        engine.open(1, { qos: 1 });
        await connectedAndSubscribed(engine);
        await publishAll(client, payloads.slice(0, 10));
        await expect.poll(() => engine.rows(1), eventually).toBe(10);
        sockets.losesAcks = true;
        await publishAll(client, payloads.slice(10));
        await expect.poll(() => engine.rows(1), eventually).toBe(15);
        expect(sockets.lost).toBeGreaterThan(0);
        sockets.losesAcks = false;
        sockets.cut();
        await expect.poll(() => engine.connections, eventually).toBe(2);
        await publishAll(client, [100]);
        await expect.poll(() => engine.numbers(1), eventually).toContain(100);
        expect(engine.numbers(1)).toEqual([...payloads, 100]);
      }
      await client.endAsync();
    }
  );
});

/** A broker with one client, which behaves in one of the ways of real brokers. */
class RedeliveringBroker implements AsyncDisposable {
  readonly #broker: ScriptedBroker;
  readonly #session: RedeliveringSession;
  ignoresAcks = false;
  #hasConnected = false;

  private constructor(broker: ScriptedBroker, behaviour: RedeliveryBehaviour) {
    this.#broker = broker;
    const random = seededRandom(1);
    this.#session = new RedeliveringSession(behaviour, (below) => Math.floor(random() * below));
  }

  static async start(behaviour: RedeliveryBehaviour): Promise<RedeliveringBroker> {
    const scripted = await ScriptedBroker.start();
    const broker = new RedeliveringBroker(scripted, behaviour);
    scripted.script = (packet, client) => {
      if (packet.cmd === 'connect') {
        accept(client, { sessionPresent: broker.#hasConnected && behaviour.sessionPresent });
        broker.#send(broker.#hasConnected ? broker.#session.connect() : []);
        broker.#hasConnected = true;
        return true;
      }
      if (packet.cmd === 'puback' && !broker.ignoresAcks) {
        broker.#session.acknowledge(packet.messageId!);
      }
    };
    return broker;
  }

  get url(): string {
    return this.#broker.url;
  }

  publish(value: number): void {
    const isConnected = this.#broker.open > 0;
    const sent = this.#session.publish('t', String(value), isConnected);
    this.#send(sent === undefined ? [] : [sent]);
  }

  /** Messages that the broker sends again later. */
  later(): void {
    this.#send(this.#session.later());
  }

  /** The connection is lost. */
  cut(): void {
    this.#broker.last.socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
  }

  #send(messages: readonly SentMessage[]): void {
    for (const { topic, payload, id, dup } of messages) {
      publish(this.#broker.last, topic, payload, { qos: 1, messageId: id, dup });
    }
  }
}

describe.each(REDELIVERY_BEHAVIOURS)('a broker that does as $name', (behaviour) => {
  test('gives each message once, over three losses, and what came meanwhile', async () => {
    await using broker = await RedeliveringBroker.start(behaviour);
    using engine = new TestEngine(broker.url, { ...KEEPING, protocolVersion: 4 }, shortestBackoff);
    engine.open(1, { qos: 1, pendingRows: 1_000 });
    await connectedAndSubscribed(engine);
    let next = 1;
    const publishNext = (count: number): void => numbers(1, count).forEach(() => broker.publish(next++));
    const rows = (): number[] => engine.numbers(1).toSorted((a, b) => a - b);
    for (const losses of numbers(1, 3)) {
      publishNext(30);
      await expect.poll(rows, eventually).toEqual(numbers(1, next - 1));
      broker.ignoresAcks = true;
      publishNext(5);
      await expect.poll(rows, eventually).toEqual(numbers(1, next - 1));
      broker.cut();
      await expect.poll(() => engine.status.state, eventually).toBe('reconnecting');
      broker.ignoresAcks = false;
      publishNext(2);
      await expect.poll(() => engine.connections, eventually).toBe(losses + 1);
      publishNext(3);
      broker.later();
      publishNext(1);
      await expect.poll(rows, eventually).toEqual(numbers(1, next - 1));
    }
  });
});
