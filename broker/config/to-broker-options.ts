import { join } from 'node:path';
import type { BrokerOptions } from '../broker';
import type { Storage } from '../storage/storage';
import { tlsPaths } from '../transport/tls-files';
import type { Config } from './settings';

/** Converts a configuration to the options of `startBroker`, except for the storage: see {@link openStorage}. */
export function toBrokerOptions(config: Config): BrokerOptions {
  const { listeners, host, tcpPort, wsPort, users, acl, jwt, allowAnonymous, sysTopics, sysInterval, origins, limits } =
    config;
  const where: BrokerOptions = listeners
    ? { tcp: false, ws: false, listeners, portTaken: 'fail' }
    : { tcp: { host, port: tcpPort }, ws: { host, port: wsPort }, portTaken: 'next' };
  const { filters = [], ...history } = config.history;
  return {
    ...where,
    ...(filters.length > 0 && {
      history: { ...history, filters, ...(config.data !== undefined && { directory: join(config.data, 'history') }) },
    }),
    ...(users !== undefined && { users }),
    ...(acl !== undefined && { acl }),
    ...(jwt && { jwt }),
    ...(allowAnonymous && { allowAnonymous }),
    ...(origins && { origins: origins.includes('any') ? 'any' : origins }),
    sysTopics,
    sysInterval,
    limits,
  };
}

/** Opens the store of a configuration; undefined for memory. */
export async function openStorage({ data, cluster }: Config): Promise<Storage | undefined> {
  // Imported only when configured: other brokers need neither Level nor a Redis client
  if (data !== undefined) {
    const { openDiskStorage } = await import('../storage/disk/disk');
    return openDiskStorage(data);
  }
  if (cluster !== undefined) {
    const { openClusterStorage } = await import('../storage/redis/cluster');
    return openClusterStorage(cluster);
  }
  return undefined;
}

/** The files that a running broker reads again when they change. */
export function filesOf({ users, acl, jwt, listeners = [] }: Config): string[] {
  const jwks = jwt?.jwks !== undefined && !/^https?:/.test(jwt.jwks) ? jwt.jwks : undefined;
  const paths = [users, typeof acl === 'string' ? acl : undefined, jwt?.secretFile, jwt?.publicKey, jwks];
  for (const listener of listeners) {
    if ('cert' in listener) {
      paths.push(...tlsPaths(listener));
    }
  }
  return [...new Set(paths.filter((path) => path !== undefined))];
}
