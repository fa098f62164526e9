import { mosquittoPath, startMosquitto } from '../../mosquitto';
import { type BrokerKind, DENIED, PASSWORD, Unavailable, USER } from '../broker-kind';
import { run } from '../run';

export const mosquitto: BrokerKind = {
  name: 'mosquitto',
  title: 'mosquitto',
  mqtt5: true,
  faults: {
    denied: {
      what: 'mosquitto grants a filter that its ACL file denies, and sends nothing. A client cannot know.',
      advice: 'If a panel stays empty, compare its topic with the rules of the ACL file.',
      shows: /the denied filter is refused: .*"granted":true/,
    },
  },
  fetch: async () => {
    const path = mosquittoPath();
    if (path === undefined) {
      throw new Unavailable('the package mosquitto is not installed (apt-get install mosquitto)');
    }
    // `mosquitto -h` exits with 3.
    const help = await run('sh', ['-c', '"$0" -h || true', path]);
    return /version ([\d.]+)/.exec(help)?.[1] ?? 'unknown';
  },
  start: async () => {
    const broker = await startMosquitto(mosquittoPath()!, {
      users: { [USER]: PASSWORD },
      acl: `user ${USER}\ntopic deny ${DENIED}/#\ntopic readwrite #\n`,
      persistence: true,
    });
    return {
      url: broker.wsUrl,
      publishUrl: `mqtt://127.0.0.1:${broker.tcpPort}`,
      stop: () => broker.stop(),
      start: () => broker.start(),
      [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
    };
  },
};
