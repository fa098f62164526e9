import { messageOf } from '../../../utils/errors';
import { beyond, DecodeFailure, type Decoded, type Decoder, CLEARED, MAX_PROBLEMS } from '../../decoded';
import { PAYLOAD_LIMITS } from '../../limits';
import { Rows } from '../../rows/rows';
import { readJson } from '../json/json';
import { MetricRows, seriesOf } from './metric-rows';
import { readPayload, type SparkplugMetric, type SparkplugPayload } from './proto';
import { REBIRTH, type RebirthOutcome, type RebirthRequests } from './rebirth';
import { type Device, Devices, SESSION, sessionOf } from './state';
import { birthTopics, parseTopic, type SparkplugTopic } from './topic';
import { plural } from '../../../utils/format-number';
import { readText } from '../text';
import { setOwn } from '../values';

/** The mark of payloads that are compressed as a whole. */
const COMPRESSED = 'SPBV1.0_COMPRESSED';

/**
 * The format `sparkplug` (Sparkplug B 3.0). Births give names, datatypes and units to what follows; a node, and each
 * of its devices, is one series, which births, data and deaths have in common, and which deaths end.
 *
 * Remembers the births of all nodes whose messages it is given: one for each stream.
 *
 * @param requests asks for births that are missing; without it, nobody does.
 */
export function createSparkplugDecoder(maxRows = PAYLOAD_LIMITS.rows, requests?: RebirthRequests): Decoder {
  const devices = new Devices();
  return (bytes, name, retained) => {
    const topic = parseTopic(name);
    if (bytes.length === 0 && topic.type !== 'DEATH') {
      // The retained message was cleared. That says nothing about a series that has other topics, too.
      return topic.series === undefined ? CLEARED : new Rows([]);
    }
    if (topic.type === 'STATE') {
      // Host applications say there, in JSON, whether they are online; until 2.2 in plain words.
      const text = readText(bytes) ?? '';
      return /^(?:ONLINE|OFFLINE)$/.test(text) ? text : readJson(text);
    }
    let payload: SparkplugPayload;
    try {
      payload = readPayload(bytes);
    } catch (error) {
      return new DecodeFailure(`The payload is not Sparkplug B: ${messageOf(error)}.`);
    }
    if (payload.uuid === COMPRESSED) {
      return new DecodeFailure(
        `The payload is compressed (${COMPRESSED}), which this plugin does not read. Turn off compression in the node.`
      );
    }
    return topic.type === 'DEATH'
      ? readDeath(devices, topic, payload, requests)
      : readMetrics(devices, topic, payload, { retained: retained === true, maxRows, requests });
  };
}

/** The death of a node is that of its devices. It is a will, made when the node connected, so its time is not. */
function readDeath(
  devices: Devices,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  requests: RebirthRequests | undefined
): Decoded {
  if (topic.device === undefined) {
    const dead = devices.killNode(topic, sessionOf(payload.metrics));
    return typeof dead === 'string'
      ? new Rows([], [dead])
      : new Rows(dead.map((each) => ({ value: CLEARED, ...seriesOf(each) })));
  }
  const problem = devices.follow(topic, payload.seq);
  if (problem !== undefined) {
    requestRebirth(topic, true, requests);
  }
  devices.killDevice(topic);
  return new Rows(
    [
      {
        value: CLEARED,
        ...seriesOf(topic),
        ...(payload.timestamp === undefined ? undefined : { time: payload.timestamp }),
      },
    ],
    problem === undefined ? [] : [problem]
  );
}

interface ReadOptions {
  readonly retained: boolean;
  readonly maxRows: number;
  readonly requests: RebirthRequests | undefined;
}

/** A birth, data or a command. */
function readMetrics(
  devices: Devices,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  { retained, maxRows, requests }: ReadOptions
): Decoded {
  const { device, gap } = deviceOf(devices, topic, payload, { retained, requests });
  const rows = new MetricRows(topic, payload.timestamp, maxRows);
  const { unknown, byAlias, isCut } = addMetrics(rows, device, payload.metrics, topic.type === 'BIRTH');
  devices.settle(device);
  const problems: string[] = [];
  if (gap !== undefined) {
    problems.push(gap);
  }
  if (byAlias && device.isLookedUp) {
    problems.push(
      `The names of ${topic.words} are those of a birth that the historian has, and later births do not reach the query. ` +
        `Add ${birthTopics(topic, false)[0]}.`
    );
  }
  if (isCut) {
    problems.push(beyond('rows', maxRows));
  }
  if (unknown.length > 0) {
    problems.push(...problemsOfUnknown(unknown, topic, requests));
    if (rows.all.length === 0) {
      return new DecodeFailure(problems.join(' '));
    }
  }
  return new Rows(rows.all, problems);
}

/** The device of a message, which a birth begins again; and what to say where messages before it are missing. */
function deviceOf(
  devices: Devices,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  { retained, requests }: Pick<ReadOptions, 'retained' | 'requests'>
): { device: Device; gap: string | undefined } {
  const isBirth = topic.type === 'BIRTH';
  const device = isBirth ? devices.birth(topic, payload, retained) : devices.find(topic);
  if (isBirth && topic.command !== undefined && requests !== undefined) {
    device.isLookedUp = !requests.covers({ command: topic.command, births: birthTopics(topic, false) });
  }
  if (isBirth && topic.device === undefined) {
    if (topic.command !== undefined && !retained) {
      requests?.onBirth(topic.command);
    }
    return { device, gap: undefined };
  }
  // What the broker had retained comes out of its place
  const gap = retained ? undefined : devices.follow(topic, payload.seq);
  if (gap !== undefined) {
    requestRebirth(topic, true, requests);
  }
  return { device, gap };
}

/** @returns the metrics that no birth has named; whether one has its name by an alias; whether there were too many rows. */
function addMetrics(
  rows: MetricRows,
  device: Device,
  metrics: readonly SparkplugMetric[],
  isBirth: boolean
): { unknown: SparkplugMetric[]; byAlias: boolean; isCut: boolean } {
  const unknown: SparkplugMetric[] = [];
  let byAlias = false;
  for (const metric of metrics) {
    const { raw } = metric;
    if (raw !== undefined && 'members' in raw && raw.isDefinition) {
      // The definition of a template is no value.
      continue;
    }
    const known = device.metrics.identify(metric, isBirth);
    if (known === undefined) {
      unknown.push(metric);
    } else if (known.name !== SESSION) {
      const row = rows.rowOf(metric, known.name);
      if (row === undefined) {
        return { unknown, byAlias, isCut: true };
      }
      byAlias ||= metric.name === undefined || metric.name === '';
      setOwn(row.value, known.name, device.metrics.valueOf(metric, known, isBirth, unknown));
      if (known.unit !== undefined) {
        (row.units ??= new Map()).set(known.name, known.unit);
      }
    }
  }
  return { unknown, byAlias, isCut: false };
}

/** @param all see {@link birthTopics}. @returns `undefined` if nobody asks. */
function requestRebirth(
  topic: SparkplugTopic,
  all: boolean,
  requests: RebirthRequests | undefined
): RebirthOutcome | undefined {
  const { command } = topic;
  return command === undefined ? undefined : requests?.request({ command, births: birthTopics(topic, all) });
}

function problemsOfUnknown(
  metrics: readonly SparkplugMetric[],
  topic: SparkplugTopic,
  requests: RebirthRequests | undefined
): string[] {
  const { device, words } = topic;
  const texts: string[] = [];
  const aliases = metrics.flatMap(({ alias }) => (alias === undefined ? [] : [alias]));
  if (aliases.length > 0) {
    const birth = device === undefined ? 'NBIRTH' : 'DBIRTH';
    const [what, are] = aliases.length === 1 ? [`Alias ${aliases[0]}`, 'is'] : [`Aliases ${someOf(aliases)}`, 'are'];
    texts.push(
      `${what} of ${words} ${are} unknown, because no ${birth} that defines ${plural(aliases.length, 'it', 'them')} has arrived. ` +
        cureOf(topic, requestRebirth(topic, false, requests))
    );
  }
  if (aliases.length < metrics.length) {
    texts.push(`A metric of ${words} has neither a name nor an alias.`);
  }
  return texts;
}

function cureOf(topic: SparkplugTopic, outcome: RebirthOutcome | undefined): string {
  switch (outcome) {
    case 'requested':
      return 'The data source has requested a rebirth of the node. If this message stays, check that the user of this connection may publish to NCMD: many brokers refuse a message without an error.';
    case 'refused':
      return 'The broker closed the connection when the data source requested a rebirth of the node. Let the user of this connection publish to NCMD.';
    case 'left-out':
      return `A rebirth would not help, because the query does not match the topic of the birth. Add ${birthTopics(topic, false)[0]}.`;
    default:
      return `Request a rebirth of the node: publish an NCMD to ${topic.node ?? 'the node'} with "${REBIRTH}" true, or turn on "Ask Sparkplug nodes for a rebirth" in the settings of the data source.`;
  }
}

/** The first few of a list that can be as long as a payload. */
function someOf(aliases: ReadonlyArray<number | string>): string {
  const some = aliases.slice(0, MAX_PROBLEMS).join(', ');
  return aliases.length > MAX_PROBLEMS ? `${some} and ${aliases.length - MAX_PROBLEMS} more` : some;
}
