import mqtt from 'mqtt';

import type { Settings } from '../plugin';

interface Message {
  topic: string;
  payload: string;
  qos: 0 | 1 | 2;
  retain: boolean;
}

const TIMEOUT_MS = 5_000;

/**
 * Publishes with a connection of its own, without credentials: the page does not have those of the settings, but the
 * proxy adds them.
 *
 * @throws {Error} if the broker cannot be reached or refuses.
 */
export async function publish({ url, access, uid }: Settings, { topic, payload, qos, retain }: Message): Promise<void> {
  if (topic === '' || /[+#]/.test(topic)) {
    throw new Error('a topic to publish to is not empty, and has no wildcards');
  }
  const client = await mqtt.connectAsync(access === 'proxy' ? proxied(uid) : url, {
    reconnectPeriod: 0,
    connectTimeout: TIMEOUT_MS,
  });
  try {
    await client.publishAsync(topic, payload, { qos, retain });
  } finally {
    await client.endAsync();
  }
}

function proxied(uid: string): string {
  const url = new URL(`/api/datasources/proxy/uid/${uid}`, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
