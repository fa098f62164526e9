import type { TestDataSourceResponse } from '@grafana/data';
import type { LiveConnection } from './connection';

/** What loading the engine may take beside the attempt to connect, in milliseconds. */
const LOADING_MS = 10_000;

/** Connects for real and says in a sentence what came of it. Never rejects: Grafana would lose the reason. */
export async function verdictOf(connection: LiveConnection): Promise<TestDataSourceResponse> {
  const began = performance.now();
  const release = connection.hold();
  try {
    await settled(connection);
  } finally {
    release();
  }
  const { status, engine, options } = connection;
  if (status.state === 'connected') {
    const took = Math.round(performance.now() - began);
    const where =
      engine?.runsIn === 'page'
        ? ` MQTT runs in the page and not in a Worker (${engine.reason}), which costs smoothness at high message rates.`
        : '';
    return { status: 'success', message: `Connected to ${options.url} with MQTT 3.1.1 in ${took} ms.${where}` };
  }
  const message =
    status.state === 'connecting' && status.fault === undefined
      ? `No answer from ${options.url}. Check the host and the port, and whether a firewall is in between.`
      : status.fault!.message;
  return { status: 'error', message };
}

/** Resolves once the connection stands, has failed once, or takes too long. */
function settled(connection: LiveConnection): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(done, connection.options.connectTimeout * 1_000 + LOADING_MS);
    const stop = connection.onStatus(check);
    check();

    function check(): void {
      const { status } = connection;
      if (status.state !== 'connecting' || status.fault !== undefined) {
        done();
      }
    }
    function done(): void {
      clearTimeout(late);
      queueMicrotask(() => stop());
      resolve();
    }
  });
}
