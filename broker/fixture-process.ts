/**
 * The fixture as a process of its own, for tests that cannot import it: jest in CommonJS, or another language.
 *
 * `node --import tsx broker/fixture-process.ts '{"tcp":{},"limits":{"queueMessages":10}}'` says `{"ready":…}` and then
 * answers requests, `{"id":1,"method":"publish","args":[{"topic":"a","payload":"1"}]}`, with `{"id":1,"result":…}` or
 * `{"id":1,"error":"…"}`: as messages when it was forked, as lines of JSON over stdin and stdout otherwise. It ends when
 * whoever started it does.
 */
import { createInterface } from 'node:readline';
import type { Fault, FaultTarget } from './faults';
import { startBroker, type FixtureOptions, type ReceivedMessage, type TestBroker } from './fixture';
import type { Message } from './broker';

interface Request {
  id: number;
  method: string;
  args?: unknown[];
}

type Method = (...args: never[]) => unknown;

/** A client to fault, with a pattern as text: JSON has no regular expressions. */
type TargetAsJson = Omit<FaultTarget, 'client'> & { client?: string; clientPattern?: string };

function methods(broker: TestBroker): Record<string, Method> {
  const faults = new Map<number, Fault>();
  let faultCount = 0;
  const keep = (fault: Fault): number => {
    faultCount += 1;
    faults.set(faultCount, fault);
    return faultCount;
  };
  return {
    publish: ({ payload, ...message }: Message) => broker.publish({ ...message, payload: Buffer.from(payload) }),
    message: async (topic: string, timeout?: number) => asJson(await broker.message(topic, timeout)),
    received: () => broker.received.map(asJson),
    clientErrors: () => broker.clientErrors.map(({ error, ...origin }) => ({ error: error.message, ...origin })),
    clients: () => broker.clients(),
    connections: () => broker.connections(),
    subscriptions: () => Object.fromEntries(broker.subscriptions()),
    dropClients: () => broker.dropClients(),
    stop: () => broker.stop(),
    restart: () => broker.restart(),
    advanceClock: (milliseconds: number) => broker.clock.advance(milliseconds),
    drop: (target?: TargetAsJson) => keep(broker.faults.drop(fromJson(target))),
    delay: (milliseconds: number, target?: TargetAsJson) => keep(broker.faults.delay(milliseconds, fromJson(target))),
    hold: (target?: TargetAsJson) => keep(broker.faults.hold(fromJson(target))),
    cut: (target?: TargetAsJson) => keep(broker.faults.cut(fromJson(target))),
    refuse: (target?: TargetAsJson & { returnCode?: 3 | 4 | 5 }) => keep(broker.faults.refuse(fromJson(target))),
    faultCount: (fault: number) => faults.get(fault)?.count ?? 0,
    liftFault: (fault: number) => faults.get(fault)?.lift(),
    clearFaults: () => broker.faults.clear(),
    close: () => broker.close(),
  };
}

function asJson({ payload, ...message }: ReceivedMessage): object {
  return { ...message, payloadBase64: payload.toString('base64') };
}

function fromJson<T extends TargetAsJson>({ clientPattern, ...target }: T = {} as T): FaultTarget {
  return clientPattern === undefined ? target : { ...target, client: new RegExp(clientPattern, 'u') };
}

async function answer(known: Record<string, Method>, { id, method, args = [] }: Request): Promise<object> {
  if (!Object.hasOwn(known, method)) {
    return { id, error: `No method "${method}"; there are ${Object.keys(known).join(', ')}` };
  }
  try {
    return { id, result: (await known[method](...(args as never[]))) ?? null };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

const options = JSON.parse(process.argv[2] ?? '{}') as FixtureOptions;
const broker = await startBroker(options);
const known = methods(broker);
const say: (message: object) => void = process.send
  ? (message) => process.send?.(message)
  : (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const hear = async (request: Request): Promise<void> => {
  say(await answer(known, request));
  if (request.method === 'close') {
    process.exit(0);
  }
};

if (process.send) {
  process.on('message', (request: Request) => void hear(request));
  process.on('disconnect', () => process.exit(0));
} else {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    try {
      void hear(JSON.parse(line) as Request);
    } catch {
      say({ error: `Expected a line of JSON, got ${line.slice(0, 80)}` });
    }
  });
  lines.on('close', () => process.exit(0));
}
say({ ready: { tcp: broker.tcp, ws: broker.ws }, methods: Object.keys(known) });
