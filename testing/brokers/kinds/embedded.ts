import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { startBroker } from '../../../broker/fixture';
import { hashPassword } from '../../../broker/auth/password';
import { type BrokerKind, DENIED, PASSWORD, USER } from '../broker-kind';

/** The broker of this repository. */
export const embedded: BrokerKind = {
  name: 'embedded',
  title: 'Embedded broker',
  mqtt5: false,
  fetch: () => Promise.resolve('this build'),
  start: async (_cache, folder) => {
    const users = join(folder, 'users');
    await writeFile(users, `${USER}:${await hashPassword(PASSWORD)}\n`, { mode: 0o600 });
    const broker = await startBroker({
      users,
      acl: [
        { topic: `${DENIED}/#`, deny: 'all' },
        { topic: '#', allow: 'all' },
      ],
      keepState: true,
    });
    return {
      url: broker.ws!.url,
      publishUrl: broker.tcp!.url,
      stop: () => broker.stop(),
      start: () => broker.restart(),
      [Symbol.asyncDispose]: () => broker.close(),
    };
  },
};
