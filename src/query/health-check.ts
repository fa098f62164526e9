import type { TestDataSourceResponse } from '@grafana/data';
import type { ConnectionStatus, StreamSpec } from '../engine';
import { count } from '../payload';
import { errorCode } from '../engine/error-codes';
import type { ConnectionClient } from '../connection/client';
import { type DiscoveryTopics, joinAnnouncedMetadata } from './announced-metadata';
import type { SharedStream } from '../connection/shared-stream';
import { waitUntil } from '../connection/wait-until';

/** What loading the engine may take beside the attempt to connect, in milliseconds. */
const LOADING_MS = 10_000;

/** How long the first message is waited for, in milliseconds. A broker sends retained ones at once. */
const LISTEN_MS = 3_000;

/** How long the rest of the retained configurations may take after the first, in milliseconds. */
const SETTLE_MS = 300;

/** How long the broker may take to answer a SUBSCRIBE, in milliseconds. */
const ANSWER_MS = 5_000;

/** Keeps the size of whatever comes, and fails for nothing. */
const SIZE_FORMAT = 'base64';

export interface HealthCheckOptions extends DiscoveryTopics {
  /** See `topicRoot` in `settings`. Default `#`. */
  readonly topicRoot?: string;
  readonly access?: 'direct' | 'proxy';
}

/** What was found out by subscribing. */
interface Listened {
  readonly filter: string;
  /** Milliseconds from SUBSCRIBE to SUBACK, with the way to the engine and back. */
  readonly roundTripMs?: number;
  /** The broker's reason for not allowing it. */
  readonly refusal?: string;
  readonly first?: { readonly topic: string; readonly bytes?: number };
}

/**
 * Connects for real, subscribes, and says in a sentence what came of it, with details. Never rejects: Grafana would
 * lose the reason.
 */
export async function healthCheck(
  connection: ConnectionClient,
  { topicRoot = '#', access, discovery, homie }: HealthCheckOptions = {}
): Promise<TestDataSourceResponse> {
  const release = connection.hold();
  try {
    await settled(connection);
    const { status } = connection;
    if (status.state !== 'connected') {
      return failure(connection, status);
    }
    const where = access === 'proxy' ? 'the broker through Grafana' : connection.options.url;
    const [listened, ...units] = await Promise.all([
      listen(connection, topicRoot),
      unitsBelow(connection, { discovery }),
      unitsBelow(connection, { homie }),
    ]);
    return connection.status.state === 'connected'
      ? success(connection, status, where, listened, units)
      : failure(connection, connection.status);
  } finally {
    release();
  }
}

function failure({ options }: ConnectionClient, status: ConnectionStatus): TestDataSourceResponse {
  const error = 'error' in status ? status.error : undefined;
  if (error === undefined) {
    return {
      status: 'error',
      message: `No answer from the broker. Check the host and the port, and whether a firewall is in between: ${options.url}`,
    };
  }
  return {
    status: errorCode(error.code).severity ?? 'error',
    message: error.message,
    ...(error.details === undefined ? undefined : { details: { verboseMessage: error.details } }),
  };
}

function success(
  connection: ConnectionClient,
  status: Extract<ConnectionStatus, { state: 'connected' }>,
  where: string,
  listened: Listened,
  units: ReadonlyArray<string | undefined>
): TestDataSourceResponse {
  const { options, engine } = connection;
  const version = status.protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
  const connected = `Connected to ${where} with ${version} in ${Math.round(status.connectMs)} ms`;
  const details = [
    options.protocolVersion === 'auto' && status.protocolVersion === 4
      ? 'The broker does not speak MQTT 5, so MQTT 3.1.1 is used.'
      : undefined,
    greeting(status),
    listened.roundTripMs === undefined ? undefined : `It answers in ${Math.round(listened.roundTripMs)} ms.`,
    engine?.runsIn === 'page'
      ? `MQTT runs in the page and not in a Worker (${engine.reason}), which costs smoothness at high message rates.`
      : undefined,
    ...units,
  ].filter((text) => text !== undefined);
  return {
    status: listened.refusal === undefined ? 'success' : 'warning',
    message: `${connected}${heard(listened)}`,
    details: { message: details.join(' ') },
  };
}

function heard({ filter, refusal, first, roundTripMs }: Listened): string {
  if (refusal !== undefined) {
    return `, but the broker does not allow a subscription to "${filter}": ${refusal}. Queries for topics that it allows work; set the topic tree root to a filter among them.`;
  }
  if (roundTripMs === undefined) {
    return `, but the broker has not answered the subscription to "${filter}" within ${ANSWER_MS / 1_000} s.`;
  }
  if (first === undefined) {
    return `. The broker allows "${filter}"; no message came within ${LISTEN_MS / 1_000} s.`;
  }
  return `. The broker allows "${filter}"; the first message was on "${first.topic}"${first.bytes === undefined ? '' : `, ${count(first.bytes, 'byte')}`}.`;
}

/** What the broker said of itself: with MQTT 5 it does. */
function greeting({ server, sessionPresent }: Extract<ConnectionStatus, { state: 'connected' }>): string | undefined {
  const told = [
    server?.reasonString === undefined ? undefined : `"${server.reasonString}"`,
    sessionPresent ? 'it had kept the session of before' : undefined,
    server?.maximumQos === undefined || server.maximumQos === 2 ? undefined : `at most QoS ${server.maximumQos}`,
    server?.maximumPacketSize === undefined
      ? undefined
      : `packets of at most ${count(server.maximumPacketSize, 'byte')}`,
    server?.serverKeepAlive === undefined ? undefined : `keepalive ${server.serverKeepAlive} s`,
    server?.assignedClientId === undefined ? undefined : `client id ${server.assignedClientId}`,
    server?.retainAvailable === false ? 'no retained messages' : undefined,
    server?.wildcardAvailable === false ? 'no wildcards in topic filters' : undefined,
    server?.sharedAvailable === false ? 'no shared subscriptions' : undefined,
    server?.subscriptionIdentifiersAvailable === false ? 'no subscription identifiers' : undefined,
  ].filter((text) => text !== undefined);
  return told.length === 0 ? undefined : `The broker says: ${told.join('; ')}.`;
}

/** Subscribes, and waits for the answer and the first message. */
async function listen(connection: ConnectionClient, filter: string): Promise<Listened> {
  const spec: StreamSpec = { filters: [filter], qos: 0, format: SIZE_FORMAT, pendingRows: 1, maxSeries: 1 };
  const began = performance.now();
  const stream = connection.join(spec);
  try {
    if (!(await waitUntil(stream, connection, () => stream.granted || stream.refused.length > 0, ANSWER_MS))) {
      return { filter };
    }
    if (stream.refused.length > 0) {
      return { filter, refusal: stream.refused[0].reason };
    }
    const roundTripMs = performance.now() - began;
    await waitUntil(stream, connection, () => stream.series.length > 0, LISTEN_MS);
    return { filter, roundTripMs, first: firstMessage(stream) };
  } finally {
    // Lingering would go on listening to everything.
    connection.leave(stream, 0, 0);
  }
}

/**
 * What discovery topics tell of units, in a sentence; nothing where there are none. Whatever it is, queries work
 * without.
 */
async function unitsBelow(connection: ConnectionClient, places: DiscoveryTopics): Promise<string | undefined> {
  const joined = joinAnnouncedMetadata(connection, places);
  if (joined === undefined) {
    return undefined;
  }
  const { stream, values } = joined;
  const { discovery, homie } = places;
  const where = discovery === undefined ? `Homie devices below "${homie}"` : `Discovery topics below "${discovery}"`;
  try {
    if (!(await waitUntil(stream, connection, () => stream.granted || stream.refused.length > 0, ANSWER_MS))) {
      return `${where}: the broker has not answered the subscription.`;
    }
    if (stream.refused.length > 0) {
      const [{ filter, reason }] = stream.refused;
      return `${where}: the broker does not allow a subscription to "${filter}": ${reason}. Units are not taken from there.`;
    }
    const units = () => values.entries.filter(({ unit }) => unit !== undefined);
    await waitUntil(stream, connection, () => units().length > 0, LISTEN_MS);
    // Those that follow the first are on their way.
    await new Promise((resolve) => {
      setTimeout(resolve, SETTLE_MS);
    });
    const entries = units();
    if (entries.length === 0) {
      return `${where}: no units came within ${LISTEN_MS / 1_000} s.`;
    }
    const { name, topic, unit = '' } = entries[0];
    return `${where}: ${count(entries.length, 'unit')}, for example ${unit} for "${name ?? topic}".`;
  } finally {
    connection.leave(stream, 0, 0);
  }
}

function firstMessage({ series: [first] }: SharedStream): Listened['first'] {
  if (first === undefined) {
    return undefined;
  }
  const text = first.frame.length > 0 && first.frame.columns.length > 0 ? first.frame.cell(0, 0) : undefined;
  return {
    topic: first.topic,
    ...(typeof text === 'string' ? { bytes: bytesOf(text) } : undefined),
  };
}

/** The bytes that Base64 stands for: three for four characters, less its padding. */
function bytesOf(base64: string): number {
  return (base64.length * 3) / 4 - (/=*$/.exec(base64)?.[0].length ?? 0);
}

/** Resolves once the connection stands, an attempt has failed from now on, or it takes too long. */
function settled(connection: ConnectionClient): Promise<void> {
  const before = connection.status;
  const failedBefore = 'error' in before && before.error !== undefined;
  if (failedBefore) {
    connection.retry();
  }
  // What has stopped says so once more, as connecting, before it asks anybody.
  let echo = before.state === 'stopped' ? before.error.message : undefined;
  return new Promise((resolve) => {
    const late = setTimeout(done, connection.options.connectTimeout * 1_000 + LOADING_MS);
    const stop = connection.onStatus(check);
    check();

    function check(): void {
      const { status } = connection;
      if (status !== before && status.state !== 'stopped' && 'error' in status && status.error?.message === echo) {
        echo = undefined;
        return;
      }
      const news = !failedBefore || status !== before;
      if (news && (status.state !== 'connecting' || status.error !== undefined)) {
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
