import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, freePort } from '../../programs';
import { type BrokerKind, DENIED, PASSWORD, Unavailable, USER } from '../broker-kind';
import { Program } from '../../program';
import { run } from '../run';

/** The path of rabbitmq-server. @throws {Error} if it is not installed */
function rabbitmqPath(): string {
  const path = findProgram('RABBITMQ_PATH');
  if (path === undefined) {
    const words = 'the package rabbitmq-server is not installed (apt-get install rabbitmq-server)';
    throw process.env['REQUIRE_RABBITMQ'] === '1' ? new Error(words) : new Unavailable(words);
  }
  return path;
}

/** RabbitMQ with the plugins `rabbitmq_mqtt` and `rabbitmq_web_mqtt`. */
export const rabbitmq: BrokerKind = {
  name: 'rabbitmq',
  title: 'RabbitMQ',
  mqtt5: false,
  faults: {
    'retained-wildcard': {
      what: 'RabbitMQ sends retained messages for exact topics, and none for a filter with a wildcard.',
      advice: 'Write the topics one to a line where a panel must have its values at once.',
      shows: /^not within 5 s: stream \d+ has 2: \[\d*\]$/,
    },
    odd: {
      what: 'RabbitMQ translates topics for AMQP: `.` becomes `/`, and `*` becomes `+`.',
      advice: 'For a sensor that publishes `room.1/temp`, query `room/1/temp`; for a level with `*`, use a wildcard.',
      shows:
        /^topics without their message: \["odd\/a\.b \(nor has a plain client\)","odd\/a\*b \(nor has a plain client\)"\]/,
    },
  },
  fetch: async () => {
    rabbitmqPath();
    return /^[\d.]+/.exec(await run('dpkg-query', ['-W', '-f=${Version}', 'rabbitmq-server']))?.[0] ?? 'unknown';
  },
  start: async (_cache, folder) => {
    const [epmdPort, distPort, mqttPort, wsPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const file = (name: string): string => join(folder, name);
    await writeFile(file('enabled_plugins'), '[rabbitmq_mqtt,rabbitmq_web_mqtt].\n');
    await writeFile(file('definitions.json'), JSON.stringify(definitions()));
    await writeFile(
      file('rabbitmq.conf'),
      [
        'listeners.tcp = none',
        `mqtt.listeners.tcp.1 = 127.0.0.1:${mqttPort}`,
        'mqtt.allow_anonymous = false',
        'web_mqtt.tcp.ip = 127.0.0.1',
        `web_mqtt.tcp.port = ${wsPort}`,
        `load_definitions = ${file('definitions.json')}`,
        '',
      ].join('\n')
    );
    // Erlang would start a port mapper that outlives the broker.
    const epmdEnv = { ERL_EPMD_PORT: String(epmdPort), ERL_EPMD_ADDRESS: '127.0.0.1' };
    const epmd = new Program({ command: 'epmd', env: epmdEnv, ports: [epmdPort] });
    const server = new Program({
      command: rabbitmqPath(),
      cwd: folder,
      env: {
        ...epmdEnv,
        // The cookie of Erlang is in HOME.
        HOME: folder,
        RABBITMQ_NODENAME: `matrix${mqttPort}@localhost`,
        RABBITMQ_DIST_PORT: String(distPort),
        RABBITMQ_MNESIA_BASE: file('mnesia'),
        RABBITMQ_LOG_BASE: file('log'),
        RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
        RABBITMQ_ENABLED_PLUGINS_FILE: file('enabled_plugins'),
      },
      ports: [mqttPort, wsPort],
    });
    const dispose = async (): Promise<void> => {
      await server[Symbol.asyncDispose]();
      await epmd[Symbol.asyncDispose]();
    };
    try {
      await epmd.start();
      await server.start();
    } catch (error) {
      await dispose();
      throw error;
    }
    return {
      url: `ws://127.0.0.1:${wsPort}/ws`,
      publishUrl: `mqtt://127.0.0.1:${mqttPort}`,
      stop: () => server.stop(),
      start: () => server.start(),
      [Symbol.asyncDispose]: dispose,
    };
  },
};

/** The user and its permissions: <https://www.rabbitmq.com/docs/definitions>. */
function definitions(): unknown {
  const salt = randomBytes(4);
  const hash = createHash('sha256').update(salt).update(PASSWORD).digest();
  const all = { user: USER, vhost: '/', write: '.*', read: '.*' };
  return {
    users: [
      {
        name: USER,
        password_hash: Buffer.concat([salt, hash]).toString('base64'),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags: '',
      },
    ],
    vhosts: [{ name: '/' }],
    permissions: [{ ...all, configure: '.*' }],
    topic_permissions: [{ ...all, exchange: 'amq.topic', read: String.raw`^(?!${DENIED}\.).*` }],
  };
}
