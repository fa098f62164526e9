import { beyond, DecodeFailure, type Decoded, type Decoder, CLEARED, MAX_PROBLEMS } from '../../decoded';
import { PAYLOAD_LIMITS } from '../../limits';
import { type Row, Rows } from '../../rows/rows';
import { readJson } from '../json/json';
import { readPayload, type SparkplugMetric, type SparkplugPayload } from './proto';
import { REBIRTH, type RebirthAnswer, type RebirthRequests } from './rebirth';
import { Devices, SESSION, sessionOf } from './state';
import { birthTopics, parseTopic, type SparkplugTopic } from './topic';
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
      // What was retained is cleared. Of a series that has other topics, too, that says nothing.
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
      return new DecodeFailure(
        `The payload is not Sparkplug B: ${error instanceof Error ? error.message : String(error)}.`
      );
    }
    if (payload.uuid === COMPRESSED) {
      return new DecodeFailure(
        `The payload is compressed (${COMPRESSED}), which is not read here: turn it off in the node.`
      );
    }
    return topic.type === 'DEATH'
      ? die(devices, topic, payload, requests)
      : live(devices, topic, payload, { retained: retained === true, maxRows, requests });
  };
}

/** The death of a node is that of its devices. It is a will, made when the node connected, so its time is not. */
function die(
  devices: Devices,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  requests: RebirthRequests | undefined
): Decoded {
  if (topic.device === undefined) {
    const dead = devices.killNode(topic, sessionOf(payload.metrics));
    return new Rows(dead.map((each) => ({ value: CLEARED, ...seriesOf(each) })));
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

function seriesOf({ series, labels }: SparkplugTopic): Pick<Row, 'topic' | 'labels'> {
  return series === undefined ? {} : { topic: series, labels };
}

/** A row while its metrics are collected. */
interface Open {
  readonly value: Record<string, unknown>;
  readonly units: Map<string, string>;
}

interface LiveOptions {
  readonly retained: boolean;
  readonly maxRows: number;
  readonly requests: RebirthRequests | undefined;
}

function live(
  devices: Devices,
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  { retained, maxRows, requests }: LiveOptions
): Decoded {
  const problems: string[] = [];
  const isBirth = topic.type === 'BIRTH';
  const device = isBirth ? devices.birth(topic, payload, retained) : devices.find(topic);
  const gap = isBirth && topic.device === undefined ? undefined : devices.follow(topic, payload.seq);
  if (gap !== undefined) {
    problems.push(gap);
    requestRebirth(topic, true, requests);
  }
  if (isBirth && topic.device === undefined && topic.command !== undefined && !retained) {
    requests?.onBirth(topic.command);
  }
  const rows: Row[] = [];
  const open = new Map<string, Open>();
  const unknown: SparkplugMetric[] = [];
  for (const metric of payload.metrics) {
    const { raw } = metric;
    if (raw !== undefined && 'members' in raw && raw.isDefinition) {
      // What templates are like is no value of anything.
      continue;
    }
    const known = device.metrics.meet(metric, isBirth);
    if (known === undefined) {
      unknown.push(metric);
      continue;
    }
    if (known.name === SESSION) {
      continue;
    }
    const row = rowFor(metric, known.name, payload, topic, open, rows, maxRows);
    if (row === undefined) {
      problems.push(beyond('rows', maxRows));
      break;
    }
    setOwn(row.value, known.name, device.metrics.valueOf(metric, known, isBirth, unknown));
    if (known.unit !== undefined) {
      row.units.set(known.name, known.unit);
    }
  }
  devices.settle(device);
  if (unknown.length > 0) {
    problems.push(...nobodyKnows(unknown, topic, requests));
    if (rows.length === 0) {
      return new DecodeFailure(problems.join(' '));
    }
  }
  return new Rows(rows, problems);
}

/** The row of a metric's time; another one of that time where it holds the metric already. */
function rowFor(
  { timestamp, historical = false }: SparkplugMetric,
  name: string,
  payload: SparkplugPayload,
  topic: SparkplugTopic,
  open: Map<string, Open>,
  rows: Row[],
  maxRows: number
): Open | undefined {
  const time = timestamp ?? payload.timestamp;
  const key = `${time} ${historical}`;
  let row = open.get(key);
  if (row === undefined || Object.hasOwn(row.value, name)) {
    if (rows.length >= maxRows) {
      return undefined;
    }
    row = { value: {}, units: new Map() };
    open.set(key, row);
    rows.push({
      ...row,
      ...seriesOf(topic),
      ...(time === undefined ? undefined : { time }),
      ...(historical ? { historical } : undefined),
    });
  }
  return row;
}

/** @param all see {@link birthTopics}. @returns `undefined` where nobody asks. */
function requestRebirth(
  topic: SparkplugTopic,
  all: boolean,
  requests: RebirthRequests | undefined
): RebirthAnswer | undefined {
  const { command } = topic;
  return command === undefined ? undefined : requests?.request({ command, births: birthTopics(topic, all) });
}

function nobodyKnows(
  metrics: readonly SparkplugMetric[],
  topic: SparkplugTopic,
  requests: RebirthRequests | undefined
): string[] {
  const { device, words } = topic;
  const texts: string[] = [];
  const aliases = metrics.flatMap(({ alias }) => (alias === undefined ? [] : [alias]));
  if (aliases.length > 0) {
    const birth = device === undefined ? 'NBIRTH' : 'DBIRTH';
    const [what, has] = aliases.length === 1 ? [`Alias ${aliases[0]}`, 'is'] : [`Aliases ${someOf(aliases)}`, 'are'];
    texts.push(
      `${what} of ${words} ${has} not known: no ${birth} that has ${aliases.length === 1 ? 'it' : 'them'} was seen since this began to listen. ` +
        cureOf(topic, requestRebirth(topic, false, requests))
    );
  }
  if (aliases.length < metrics.length) {
    texts.push(`A metric of ${words} has neither a name nor an alias.`);
  }
  return texts;
}

function cureOf(topic: SparkplugTopic, asked: RebirthAnswer | undefined): string {
  switch (asked) {
    case 'asked':
      return 'The node is asked for a rebirth. A broker need not say that it does not let that pass: if this stays, see that the user of this connection may publish to NCMD.';
    case 'refused':
      return 'The broker closed the connection when the node was asked for a rebirth: let the user of this connection publish to NCMD.';
    case 'left-out':
      return `A rebirth would not help, because the query leaves out the topic of the birth: add ${birthTopics(topic, false)[0]}.`;
    default:
      return `Ask the node for a rebirth: an NCMD to ${topic.node ?? 'it'} with "${REBIRTH}" true; or turn on "Ask Sparkplug nodes for a rebirth" in the settings of the data source.`;
  }
}

/** The first few of a list that can be as long as a payload. */
function someOf(aliases: ReadonlyArray<number | string>): string {
  const some = aliases.slice(0, MAX_PROBLEMS).join(', ');
  return aliases.length > MAX_PROBLEMS ? `${some} and ${aliases.length - MAX_PROBLEMS} more` : some;
}
