/** Sparkplug nodes that are asked for a rebirth, over a broker, with the demo sensors as the node. */
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type FixtureOptions, startBroker, type TestBroker } from '../../broker/fixture';
import { type Sensors, startSensors } from '../../broker/sensors';
import { startEngine } from '../engine/engine';
import type { EnginePort } from '../engine/protocol';
import { encodeRebirth } from '../payload';
import { type Responses, responsesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import { engineInPage } from '../connection/launch';

const COMMAND = 'spBv1.0/Plant/NCMD/Edge1';
const FILTER = 'spBv1.0/Plant/#';

/** Asks within some milliseconds in place of seconds. */
function hastyPool() {
  const start = (port: EnginePort): void =>
    startEngine(port, {
      openSocket: (url, protocols) => new WebSocket(url, protocols),
      now: () => Date.now(),
      random: () => Math.random() / 1_000,
    });
  return testPool({ launch: () => Promise.resolve(engineInPage(start, 'test')) });
}

/** A broker and a node that was born before anybody listened. Its own births are two minutes apart. */
async function startNode(options: FixtureOptions = {}): Promise<AsyncDisposable & { readonly broker: TestBroker }> {
  const began = performance.now();
  let sensors: Sensors | undefined;
  const broker = await startBroker({ ...options, onPublish: (message) => sensors?.onCommand(message) });
  sensors = startSensors((message) => broker.publish(message), {
    sets: ['sparkplug'],
    faultRate: 0,
    // Two minutes of its day take as long, from their beginning on, whatever the clock here says.
    now: () => Date.UTC(2026, 10, 23, 14, 0, 0) + performance.now() - began,
  });
  return {
    broker,
    [Symbol.asyncDispose]: () => {
      sensors.stop();
      return broker.close();
    },
  };
}

function listen(broker: TestBroker, sparkplugRebirth: boolean, topic = FILTER): Responses {
  const deps = testDeps({
    url: broker.ws!.url,
    pool: hastyPool(),
    options: sparkplugRebirth ? { sparkplugRebirth } : {},
  });
  return responsesOf(request([{ topic }]), deps);
}

const fieldNames = (responses: Responses): string[] =>
  (responses.last?.data ?? []).flatMap(({ fields }) => fields.map(({ name }: { name: string }) => name));
const notices = (responses: Responses): string =>
  (responses.last?.data ?? [])
    .flatMap(({ meta }) => meta?.notices?.map(({ text }: { text: string }) => text) ?? [])
    .join('\n');

describe('a query that comes after the births', () => {
  test('gets the names of all values from a rebirth, where the settings allow to ask', async () => {
    await using node = await startNode();
    const { broker } = node;
    using responses = listen(broker, true);
    await subscribed(broker, FILTER);
    await responses.until(() => fieldNames(responses).includes('Motor/Speed'), 20_000);
    await responses.until(() => fieldNames(responses).includes('Oven/Temperature'));
    const asked = broker.received.filter(({ clientId }) => clientId !== undefined);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ topic: COMMAND, qos: 0, retain: false });
    const { length } = encodeRebirth(Date.now());
    expect(asked[0].payload).toHaveLength(length);
    const births = broker.received.filter(({ topic }) => topic.includes('/NBIRTH/'));
    expect(births).toHaveLength(2);
  });

  test('publishes nothing where they do not, and says what can be done', async () => {
    await using node = await startNode();
    const { broker } = node;
    using responses = listen(broker, false);
    // Two values by alias alone: each would have been a reason to ask, at once.
    await responses.until(() => /[2-9] of \d+ messages did not decode/.test(notices(responses)), 20_000);
    expect(notices(responses)).toMatch(/turn on "Ask Sparkplug nodes for a rebirth" in the settings/);
    expect(broker.received.filter(({ clientId }) => clientId !== undefined)).toEqual([]);
    expect(broker.received.filter(({ topic }) => topic === COMMAND)).toEqual([]);
  });

  test('does not ask for births that it would not get, and says which topic is missing', async () => {
    await using node = await startNode();
    const { broker } = node;
    using responses = listen(broker, true, 'spBv1.0/Plant/DDATA/#');
    await responses.until(() => /[2-9] of \d+ messages did not decode/.test(notices(responses)), 20_000);
    expect(notices(responses)).toContain(
      'does not match the topic of the birth. Add spBv1.0/Plant/DBIRTH/Edge1/Press1.'
    );
    expect(broker.received.filter(({ clientId }) => clientId !== undefined)).toEqual([]);
  });

  test('asks once where the broker ends the connection over it, comes back, and says so', async () => {
    let refused = 0;
    await using node = await startNode({
      authorizePublish: (client, _packet, done) => {
        refused += client === null ? 0 : 1;
        done(client === null ? null : new Error('Not allowed to publish'));
      },
    });
    const { broker } = node;
    using responses = listen(broker, true);
    await responses.until(
      () => notices(responses).includes('closed the connection when the data source requested'),
      20_000
    );
    const failed = /(\d+) of \d+ messages did not decode/.exec(notices(responses))![1];
    await responses.until(() => {
      const [, now = '0'] = /(\d+) of \d+ messages did not decode/.exec(notices(responses)) ?? [];
      return Number(now) > Number(failed) + 1;
    }, 20_000);
    expect(refused).toBe(1);
    expect(broker.clients()).toBe(1);
  });
});
