import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../programs';
import { type BrokerKind, DENIED, PASSWORD, USER } from '../broker-kind';
import { run } from '../run';
import { cached, startProgram } from '../running';

const NATS = '2.15.2';
const MOCHI = '2.7.9';

const fetchNats = (cache: string): Promise<string> =>
  cached(cache, `nats-${NATS}`, (folder) =>
    run('go', ['install', `github.com/nats-io/nats-server/v2@v${NATS}`], { env: { GOBIN: folder } })
  );

export const nats: BrokerKind = {
  name: 'nats',
  title: 'NATS server',
  mqtt5: false,
  faults: {
    odd: {
      what: 'NATS refuses a topic with a blank.',
      advice: 'Publish to topics without blanks.',
      shows: /^topics without their message: \["odd\/[^"]* [^"]*( \(nor has a plain client\))?"\] instead of \[\]$/,
    },
  },
  // `ack_wait` of MQTT in its configuration.
  resendsAfterMs: 30_000,
  fetch: async (cache) => {
    await fetchNats(cache);
    return NATS;
  },
  start: async (cache, folder) => {
    const [natsPort, tcp, ws] = [await freePort(), await freePort(), await freePort()];
    const rules = `{publish: ">", subscribe: {allow: ">", deny: "${DENIED}.>"}}`;
    await writeFile(
      join(folder, 'nats.conf'),
      [
        `listen: "127.0.0.1:${natsPort}"`,
        'server_name: "matrix"',
        `jetstream {store_dir: "${folder}"}`,
        `mqtt {listen: "127.0.0.1:${tcp}"}`,
        `websocket {listen: "127.0.0.1:${ws}", no_tls: true}`,
        `authorization {users: [{user: "${USER}", password: "${PASSWORD}", permissions: ${rules}}]}`,
        '',
      ].join('\n')
    );
    return startProgram(
      {
        command: join(await fetchNats(cache), 'nats-server'),
        args: ['-c', join(folder, 'nats.conf')],
        ports: [tcp, ws],
      },
      { url: `ws://127.0.0.1:${ws}/mqtt`, publishUrl: `mqtt://127.0.0.1:${tcp}` }
    );
  },
};

const fetchMochi = (cache: string): Promise<string> =>
  cached(cache, `mochi-${MOCHI}`, (folder) =>
    run('go', ['install', `github.com/mochi-mqtt/server/v2/cmd/docker@v${MOCHI}`], { env: { GOBIN: folder } })
  );

export const mochi: BrokerKind = {
  name: 'mochi',
  title: 'mochi-mqtt',
  mqtt5: true,
  // Seen in its goroutines after three runs of 100,000 messages. A run of 20,000 was right.
  rareFaults: {
    overlap: {
      what: 'In long runs, mochi-mqtt 2.7.9 can stop sending: `Inflight.NextImmediate` locks a list for reading twice, and waits for ever if a publisher wants to write between. Clients then get no acknowledgements.',
      advice: 'Restart the broker when all panels stop.',
      shows: /^no result within |^0 rows doubled, \d+ missing|^not within /,
    },
  },
  fetch: async (cache) => {
    await fetchMochi(cache);
    return MOCHI;
  },
  start: async (cache, folder) => {
    const [tcp, ws] = [await freePort(), await freePort()];
    const configuration = {
      listeners: [
        { type: 'tcp', id: 'tcp', address: `127.0.0.1:${tcp}` },
        { type: 'ws', id: 'ws', address: `127.0.0.1:${ws}` },
      ],
      hooks: {
        auth: {
          ledger: {
            auth: [{ username: USER, password: PASSWORD, allow: true }],
            // The first rule with a filter that matches counts; 2 is for publishing only, 3 for both.
            acl: [
              { username: USER, filters: { [`${DENIED}/#`]: 2 } },
              { username: USER, filters: { '#': 3 } },
            ],
          },
        },
      },
    };
    await writeFile(join(folder, 'mochi.json'), JSON.stringify(configuration));
    return startProgram(
      {
        command: join(await fetchMochi(cache), 'docker'),
        args: ['-config', join(folder, 'mochi.json')],
        cwd: folder,
        ports: [tcp, ws],
      },
      { url: `ws://127.0.0.1:${ws}/`, publishUrl: `mqtt://127.0.0.1:${tcp}` }
    );
  },
};
