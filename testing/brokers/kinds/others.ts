import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../programs';
import { type BrokerKind, DENIED, PASSWORD, USER } from '../broker-kind';
import { run } from '../run';
import { cached, startProgram } from '../running';

const RUMQTTD = '0.20.0';
const AMQTT = '0.12.1';
const AEDES = '2.0.0-beta.1';
const WS = '8.23.0';

const PROGRAMS = join(import.meta.dirname, '../programs');

/** The build takes up to half an hour. */
const fetchRumqttd = (cache: string): Promise<string> =>
  cached(cache, `rumqttd-${RUMQTTD}`, (folder) =>
    run('cargo', ['install', 'rumqttd', '--version', RUMQTTD, '--features', 'websocket', '--root', folder])
  );

export const rumqttd: BrokerKind = {
  name: 'rumqttd',
  title: 'rumqttd',
  mqtt5: false,
  faults: {
    denied: {
      what: 'rumqttd has no access rules for topics.',
      advice: 'Let a bridge copy only what viewers may see to a broker of their own.',
      shows: /the denied filter is refused: .*"granted":true/,
    },
  },
  fetch: async (cache) => {
    await fetchRumqttd(cache);
    return RUMQTTD;
  },
  start: async (cache, folder) => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const listener = (section: string, port: number): string[] => [
      `[${section}]`,
      `name = "${section}"`,
      `listen = "127.0.0.1:${port}"`,
      'next_connection_delay_ms = 1',
      `[${section}.connections]`,
      'connection_timeout_ms = 60000',
      // 20,480 in the configuration that it comes with.
      'max_payload_size = 4000000',
      'max_inflight_count = 100',
      'dynamic_filters = true',
      `[${section}.connections.auth]`,
      `${USER} = "${PASSWORD}"`,
    ];
    await writeFile(
      join(folder, 'rumqttd.toml'),
      [
        'id = 0',
        '[router]',
        'id = 0',
        'max_connections = 1000',
        'max_outgoing_packet_count = 200',
        'max_segment_size = 104857600',
        'max_segment_count = 10',
        ...listener('v4.1', tcp),
        ...listener('ws.1', ws),
        '',
      ].join('\n')
    );
    return startProgram(
      {
        command: join(await fetchRumqttd(cache), 'bin/rumqttd'),
        args: ['-c', join(folder, 'rumqttd.toml')],
        cwd: folder,
        ports: [tcp, ws],
      },
      { url: `ws://127.0.0.1:${ws}/`, publishUrl: `mqtt://127.0.0.1:${tcp}` }
    );
  },
};

const fetchAmqtt = (cache: string): Promise<string> =>
  cached(cache, `amqtt-${AMQTT}`, async (folder) => {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['install', '-q', `amqtt==${AMQTT}`]);
  });

export const amqtt: BrokerKind = {
  name: 'amqtt',
  title: 'amqtt',
  mqtt5: false,
  faults: {
    qos2: {
      what: 'amqtt does not send unacknowledged messages of QoS 2 again.',
      advice: 'Use QoS 1.',
      shows: /^rows: \[6,7\] instead of /,
    },
    takeover: {
      what: 'amqtt keeps both clients of one client id connected, and sends the first one nothing more: the clean session of the second one has deleted its subscriptions.',
      advice: 'Leave the client id of the settings empty, so that each tab has its own.',
      shows: /^not within 15 s: stream \d+ has 7: \[\]$/,
    },
  },
  // It goes through the subscriptions of all clients with an iterator, which ends with an error when one is added.
  rareFaults: {
    overlap: {
      what: 'In some runs, amqtt does not send a message to all subscriptions while any client subscribes to a new filter. A plain client with one filter missed 18 of 2,000 messages.',
      advice: 'Use another broker where every message counts.',
      shows: /^0 rows doubled, \d+ missing/,
    },
  },
  fetch: async (cache) => {
    await fetchAmqtt(cache);
    return AMQTT;
  },
  start: async (cache, folder) => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const listener = (type: string, port: number): unknown => ({ type, bind: `127.0.0.1:${port}` });
    const configuration = {
      listeners: { default: listener('tcp', tcp), browsers: listener('ws', ws) },
      plugins: { 'amqtt_rules.Users': {}, 'amqtt_rules.Rules': {} },
    };
    // JSON is YAML.
    await writeFile(join(folder, 'amqtt.yaml'), JSON.stringify(configuration));
    return startProgram(
      {
        command: join(await fetchAmqtt(cache), 'bin/amqtt'),
        args: ['-c', join(folder, 'amqtt.yaml')],
        cwd: folder,
        env: {
          PYTHONPATH: PROGRAMS,
          PYTHONDONTWRITEBYTECODE: '1',
          MATRIX_USER: USER,
          MATRIX_PASSWORD: PASSWORD,
          MATRIX_DENIED: DENIED,
        },
        ports: [tcp, ws],
      },
      { url: `ws://127.0.0.1:${ws}/`, publishUrl: `mqtt://127.0.0.1:${tcp}` }
    );
  },
};

const fetchAedes = (cache: string): Promise<string> =>
  cached(cache, `aedes-${AEDES}`, async (folder) => {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    await run('npm', ['install', '--no-audit', '--no-fund', `aedes@${AEDES}`, `ws@${WS}`], { cwd: folder });
  });

export const aedes2: BrokerKind = {
  name: 'aedes2',
  title: 'Aedes 2',
  mqtt5: true,
  // In one of three runs it did not.
  rareFaults: {
    qos2: {
      what: 'In some runs, Aedes 2.0.0-beta.1 sends PUBREL twice for the last of several messages that it sends again, and none for the first.',
      advice: 'Use QoS 1.',
      shows: /^rows: \[[2-7],?.*\] instead of /,
    },
  },
  fetch: async (cache) => {
    await fetchAedes(cache);
    return AEDES;
  },
  start: async (cache, folder) => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const modules = await fetchAedes(cache);
    return startProgram(
      {
        command: process.execPath,
        args: [join(PROGRAMS, 'aedes2.mjs'), modules, String(tcp), String(ws), USER, PASSWORD, DENIED],
        cwd: folder,
        ports: [tcp, ws],
      },
      { url: `ws://127.0.0.1:${ws}/`, publishUrl: `mqtt://127.0.0.1:${tcp}` }
    );
  },
};
