import { healthCheck } from '../../../src/query/health-check';
import { testPool } from '../../../src/testing/test-pool';
import { DENIED, USER } from '../broker-kind';
import { connected, type Context, equal, open, received, until } from '../context';

/** The settings' defaults find the version that the broker speaks. */
export async function connect(context: Context): Promise<string> {
  using engine = context.engine({}, {}, false);
  await connected(engine);
  const version = 'protocolVersion' in engine.status ? engine.status.protocolVersion : undefined;
  equal('version', version, context.kind.mqtt5 ? 5 : 4);
  return version === 5 ? '5' : '3.1.1';
}

/** *Save & test* names the address, the version, the topic tree and the first message. */
export async function saveAndTest(context: Context): Promise<string> {
  const publisher = await context.client();
  await publisher.publishAsync('health', '20.5', { retain: true, qos: 1 });
  const pool = testPool();
  // A message that comes meanwhile, for brokers that send no retained messages for a wildcard.
  const timer = setInterval(() => publisher.publish('health', '20.5'), 200);
  try {
    const connection = pool.get('matrix', context.options, { lingerMs: 0, memoryBytes: Infinity });
    const { status, message } = await healthCheck(connection);
    const version = context.kind.mqtt5 ? '5' : String.raw`3\.1\.1`;
    const wanted = new RegExp(
      String.raw`^Connected to ${context.broker.url} with MQTT ${version} in [\d,]+ ms\. The broker allows the subscription to "#"\. The first message arrived on ".+" \(.+\)\.$`
    );
    if (status !== 'success' || !wanted.test(message)) {
      throw new Error(`${status}: ${message}`);
    }
    return '';
  } finally {
    clearInterval(timer);
    await publisher.publishAsync('health', '', { retain: true, qos: 1 });
    await publisher.endAsync();
  }
}

/** A wrong password is named as the cause, as exactly as the broker lets the engine know. */
export async function wrongPassword(context: Context): Promise<string> {
  using engine = context.engine({ credentials: { username: USER, password: 'wrong' } });
  const error = (): string => engine.error?.message ?? '';
  await until('an error about the credentials', () => /credentials|password/i.test(error()), { state: error });
  equal('connections', engine.connections, 0);
  return /closed the connection after/.test(error()) ? 'as a cause' : '';
}

/** A filter that is denied is refused in words, and the other filters of the connection go on. */
export async function denied(context: Context): Promise<string> {
  using engine = context.engine();
  await open(engine, 1, { filters: ['allowed/a'] });
  engine.open(2, { filters: [`${DENIED}/a`] });
  const answer = (): unknown => engine.subscribed(2);
  await until('the denied filter is refused', () => (engine.subscribed(2)?.refused.length ?? 0) > 0, {
    state: answer,
    ms: 10_000,
  });
  equal('granted', engine.subscribed(2)?.granted, false);
  await until('the allowed filter goes on', () => engine.status.state === 'connected');
  const publisher = await context.client();
  const timer = setInterval(() => publisher.publish('allowed/a', '7'), 100);
  try {
    await received(engine, 1, 7);
  } finally {
    clearInterval(timer);
    await publisher.endAsync();
  }
  return '';
}
