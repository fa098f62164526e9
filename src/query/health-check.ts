import type { TestDataSourceResponse } from '@grafana/data';
import type { ConnectionStatus, StreamSpec } from '../engine';
import { errorCode } from '../engine/error-codes';
import type { ConnectionClient } from '../connection/client';
import { type DiscoveryTopics, joinAnnouncedMetadata } from './announced-metadata';
import type { SharedStream } from '../connection/shared-stream';
import { waitUntil } from '../connection/wait-until';
import { count } from '../utils/format-number';

/** How long loading the engine may take in addition to the connect timeout, in milliseconds. */
const LOADING_MS = 10_000;

/** How long the check waits for the first message, in milliseconds. A broker sends retained messages at once. */
const LISTEN_MS = 3_000;

/** How long the check waits for further configurations after the first, in milliseconds. */
const SETTLE_MS = 300;

/** How long the broker may take to answer a SUBSCRIBE, in milliseconds. */
const SUBACK_MS = 5_000;

/** Decodes every payload, and shows its size. */
const SIZE_FORMAT = 'base64';

export interface HealthCheckOptions extends DiscoveryTopics {
  /** See `topicRoot` in `settings`. Default `#`. */
  readonly topicRoot?: string;
  readonly access?: 'direct' | 'proxy';
}

/** The outcome of a subscription. */
interface Subscription {
  readonly filter: string;
  /** Milliseconds from SUBSCRIBE to SUBACK, including the message port; undefined without a SUBACK. */
  readonly roundTripMs?: number;
  /** The broker's reason for a refusal. */
  readonly refusal?: string;
  readonly first?: { readonly topic: string; readonly bytes: number };
}

/**
 * Grafana's *Save & test*: connects, subscribes, and describes the outcome in a sentence, with details. Never rejects,
 * because Grafana would not show the reason.
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
    const broker = access === 'proxy' ? 'the broker through Grafana' : connection.options.url;
    const [subscription, ...units] = await Promise.all([
      subscribe(connection, topicRoot),
      unitsText(connection, { discovery }),
      unitsText(connection, { homie }),
    ]);
    return connection.status.state === 'connected'
      ? success(connection, status, broker, subscription, units)
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
      message: `${options.url} does not answer. Check the host, the port and the path, and whether a firewall blocks the connection.`,
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
  broker: string,
  subscription: Subscription,
  units: ReadonlyArray<string | undefined>
): TestDataSourceResponse {
  const { options, engine } = connection;
  const version = status.protocolVersion === 5 ? 'MQTT 5' : 'MQTT 3.1.1';
  const connected = `Connected to ${broker} with ${version} in ${Math.round(status.connectMs)} ms`;
  const details = [
    options.protocolVersion === 'auto' && status.protocolVersion === 4
      ? 'The broker does not speak MQTT 5, so the connection uses MQTT 3.1.1.'
      : undefined,
    propertiesText(status),
    subscription.roundTripMs === undefined
      ? undefined
      : `The broker answers in ${Math.round(subscription.roundTripMs)} ms.`,
    engine?.runsIn === 'page'
      ? `The MQTT engine runs in the page and not in a Worker (${engine.reason}), so the page is less smooth at high message rates.`
      : undefined,
    ...units,
  ].filter((text) => text !== undefined);
  return {
    status: subscription.refusal === undefined ? 'success' : 'warning',
    message: `${connected}${subscriptionText(subscription)}`,
    details: { message: details.join(' ') },
  };
}

function subscriptionText({ filter, refusal, first, roundTripMs }: Subscription): string {
  if (refusal !== undefined) {
    return `, but the broker refused the subscription to "${filter}": ${refusal}. Queries for topics that the broker allows work. Set the topic tree root to a filter that the broker allows.`;
  }
  if (roundTripMs === undefined) {
    return `, but the broker did not answer the subscription to "${filter}" within ${SUBACK_MS / 1_000} s.`;
  }
  if (first === undefined) {
    return `. The broker allows the subscription to "${filter}", but no message arrived within ${LISTEN_MS / 1_000} s.`;
  }
  return `. The broker allows the subscription to "${filter}". The first message arrived on "${first.topic}" (${count(first.bytes, 'byte')}).`;
}

/** The properties of the broker's CONNACK [MQTT5-3.2.2.3]. */
function propertiesText({
  server,
  sessionPresent,
}: Extract<ConnectionStatus, { state: 'connected' }>): string | undefined {
  const properties = [
    server?.reasonString === undefined ? undefined : `"${server.reasonString}"`,
    sessionPresent ? 'session present' : undefined,
    server?.maximumQos === undefined || server.maximumQos === 2 ? undefined : `maximum QoS ${server.maximumQos}`,
    server?.maximumPacketSize === undefined
      ? undefined
      : `maximum packet size ${count(server.maximumPacketSize, 'byte')}`,
    server?.serverKeepAlive === undefined ? undefined : `server keep alive ${server.serverKeepAlive} s`,
    server?.assignedClientId === undefined ? undefined : `assigned client id ${server.assignedClientId}`,
    server?.retainAvailable === false ? 'no retained messages' : undefined,
    server?.wildcardAvailable === false ? 'no wildcard subscriptions' : undefined,
    server?.sharedAvailable === false ? 'no shared subscriptions' : undefined,
    server?.subscriptionIdentifiersAvailable === false ? 'no subscription identifiers' : undefined,
  ].filter((text) => text !== undefined);
  return properties.length === 0 ? undefined : `The broker reports: ${properties.join('; ')}.`;
}

/** Subscribes, and waits for the SUBACK and the first message. */
async function subscribe(connection: ConnectionClient, filter: string): Promise<Subscription> {
  const spec: StreamSpec = { filters: [filter], qos: 0, format: SIZE_FORMAT, pendingRows: 1, maxSeries: 1 };
  const began = performance.now();
  const stream = connection.join(spec);
  try {
    if (!(await waitUntil(stream, connection, () => stream.granted || stream.refused.length > 0, SUBACK_MS))) {
      return { filter };
    }
    if (stream.refused.length > 0) {
      return { filter, refusal: stream.refused[0].reason };
    }
    const roundTripMs = performance.now() - began;
    await waitUntil(stream, connection, () => stream.series.length > 0, LISTEN_MS);
    return { filter, roundTripMs, first: firstMessage(stream) };
  } finally {
    // A linger would keep everything below the root subscribed.
    connection.leave(stream, 0, 0);
  }
}

/** A sentence about the units from discovery topics; undefined if the data source has none. Queries work without them. */
async function unitsText(connection: ConnectionClient, topics: DiscoveryTopics): Promise<string | undefined> {
  const joined = joinAnnouncedMetadata(connection, topics);
  if (joined === undefined) {
    return undefined;
  }
  const { stream, values } = joined;
  const { discovery, homie } = topics;
  const below = discovery === undefined ? `Homie devices below "${homie}"` : `discovery topics below "${discovery}"`;
  try {
    if (!(await waitUntil(stream, connection, () => stream.granted || stream.refused.length > 0, SUBACK_MS))) {
      return `The broker did not answer the subscription to ${below}.`;
    }
    if (stream.refused.length > 0) {
      const [{ filter, reason }] = stream.refused;
      return `The broker refused the subscription to "${filter}": ${reason}. The data source gets no units from ${below}.`;
    }
    const units = () => values.entries.filter(({ unit }) => unit !== undefined);
    await waitUntil(stream, connection, () => units().length > 0, LISTEN_MS);
    // The others follow the first one.
    await new Promise((resolve) => {
      setTimeout(resolve, SETTLE_MS);
    });
    const entries = units();
    if (entries.length === 0) {
      return `No units arrived from ${below} within ${LISTEN_MS / 1_000} s.`;
    }
    const { name, topic, unit = '' } = entries[0];
    return `${count(entries.length, 'unit')} arrived from ${below}, for example ${unit} for "${name ?? topic}".`;
  } finally {
    connection.leave(stream, 0, 0);
  }
}

function firstMessage({ series: [first] }: SharedStream): Subscription['first'] {
  if (first === undefined) {
    return undefined;
  }
  const text = first.frame.length > 0 && first.frame.columns.length > 0 ? first.frame.cell(0, 0) : undefined;
  // A message without a payload has no column.
  return { topic: first.topic, bytes: typeof text === 'string' ? bytesOf(text) : 0 };
}

/** The number of bytes that Base64 text stands for: three for every four characters, less the padding. */
function bytesOf(base64: string): number {
  return (base64.length * 3) / 4 - (/=*$/.exec(base64)?.[0].length ?? 0);
}

/** Resolves when the connection stands, when an attempt has failed from now on, or when both take too long. */
function settled(connection: ConnectionClient): Promise<void> {
  const before = connection.status;
  const failedBefore = 'error' in before && before.error !== undefined;
  if (failedBefore) {
    connection.reconnect();
  }
  // A stopped connection repeats its error once, as connecting, before it asks for credentials.
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
