import { ACL_ACCESSES, type AclRule } from '../auth/acl';
import type { JwtOptions } from '../auth/jwt';
import { BROKER_COMMAND } from '../commands';
import { HISTORY_RANGES, validateRecordedFilter, type HistoryLimits } from '../history/options';
import { DEFAULT_ROOT, validateRoot } from '../history/topics';
import { LIMIT_RANGES, type Limits, type Range } from '../limits';
import type { ListenerOptions } from '../transport/listener-options';
import { SENSOR_SETS, type SensorSet } from '../sensors';
import { number, union, array, object, oneOf, string, integer, refine, boolean, type Check } from './check';
import { listenerCheck } from './listener';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** The configuration of the command, from flags, environment variables and a file. */
export interface Config {
  /** Default: TCP and WebSocket listeners on `host`, at `tcpPort` and `wsPort` or the next free ports. */
  listeners?: ListenerOptions[];
  host: string;
  tcpPort: number;
  wsPort: number;
  allowAnonymous: boolean;
  users?: string;
  acl?: string | AclRule[];
  jwt?: JwtOptions;
  sysTopics: boolean;
  sysInterval: number;
  origins?: string[];
  data?: string;
  cluster?: string;
  /** Without filters, nothing is recorded. */
  history: HistoryLimits & { filters?: string[]; root: string };
  sensors: SensorSet[];
  seed: number;
  sensorRate: number;
  sensorFaultRate: number;
  /** Seconds. */
  sensorPast: number;
  http: { host: string; port?: number };
  log: { level: (typeof LOG_LEVELS)[number]; format: (typeof LOG_FORMATS)[number] };
  limits: Limits;
}

export interface Setting {
  /** Path in a file: `limits.packetBytes`. */
  path: string;
  check: Check<unknown>;
  help: string;
  /** Name of the value in the help; undefined for a flag without a value. */
  value?: string;
  default?: unknown;
  /** Whether the value is a path: in a file, relative to the folder of that file. */
  isPath?: boolean;
  /** Whether the value is a file (or URL) that must exist when the broker starts. */
  mustExist?: boolean;
  /** The command that creates the file, for the error message. */
  createWith?: (file: string) => string;
  /** Not accepted on the command line, which other users of the machine can read. */
  secret?: boolean;
  /** Whether the flag may be repeated. */
  repeated?: boolean;
  /** Name of the flag. Default: derived from the path. */
  flag?: string;
}

const file = string('the path of a file');

const rule = object<AclRule>(
  {
    user: string('a user'),
    role: string('a role'),
    client: string('a client id'),
    anonymous: boolean(),
    allow: oneOf(ACL_ACCESSES),
    deny: oneOf(ACL_ACCESSES),
    topic: string('a topic filter'),
  },
  ['topic']
);

const HISTORY_HELP: Readonly<Record<keyof HistoryLimits, string>> = {
  age: 'maximum age of a recorded message, in seconds',
  messages: 'maximum recorded messages of one topic; the oldest are evicted',
  bytes: 'maximum size of the history, in bytes; the oldest messages are evicted',
  topics: 'maximum recorded topics; the least recently written one is evicted',
};

const LIMIT_HELP: Readonly<Record<keyof Limits, string>> = {
  packetBytes: 'maximum size of an MQTT packet, in bytes',
  connectBytes: 'maximum size of a packet before CONNACK, in bytes',
  frameBytes: 'maximum size of a WebSocket message, which may hold several packets, in bytes',
  backlogBytes: 'maximum unsent bytes of a subscriber; with more, it is disconnected',
  drainTimeout: 'milliseconds until a subscriber that reads none of its unsent bytes is disconnected',
  queueLimit: 'maximum packets of a client before CONNACK',
  connectTimeout: 'milliseconds for the TLS and HTTP handshakes, and again for CONNECT',
  inflightInbound: 'maximum QoS 2 messages of a publisher without PUBREL',
  connections: 'maximum connections',
  connectionsPerAddress: 'maximum connections from one address',
  connectsPerSecond: 'maximum new connections per second from one address; further ones wait',
  publishesPerSecond: 'maximum messages per second from one client; further ones are read later',
  subscribesPerSecond:
    'maximum SUBSCRIBE and UNSUBSCRIBE packets per second from one client, where every 64 bytes count as a packet; further ones are read later',
  subscriptionsPerClient: 'maximum subscriptions of a client',
  subscriptionBytesPerClient: "maximum size of a client's filters, in bytes",
  topicLevels: 'maximum levels of a topic or filter',
  clientIdLength: 'maximum length of a client id, in characters',
  queueMessages: 'maximum queued messages of a session; further ones are dropped',
  queueBytes: 'maximum queued bytes of a session',
  queueTotal: 'maximum queued messages of all sessions',
  queueTotalBytes: 'maximum queued bytes of all sessions',
  retainedMessages: 'maximum retained messages; messages on further topics are not retained',
  retainedBytes: 'maximum bytes of all retained messages',
  sessions: 'maximum sessions that outlive their connection',
  sessionExpiry: 'seconds until the session of a disconnected client expires',
};

export const SETTINGS: readonly Setting[] = [
  {
    path: 'listeners',
    flag: 'listen',
    value: 'URL',
    repeated: true,
    check: array(listenerCheck),
    help: 'listener, in place of the two default ones: tcp://HOST:PORT, ws://HOST:PORT?paths=/mqtt, tls:// or wss:// with ?cert=FILE&key=FILE, and &ca=FILE&requestCert=true to require client certificates; may be repeated',
  },
  {
    path: 'host',
    value: 'H',
    check: string('a host name or address'),
    default: '127.0.0.1',
    help: 'address to listen on',
  },
  {
    path: 'tcpPort',
    value: 'N',
    check: integer(0, 65_535),
    default: 1883,
    help: 'TCP port, or 0 for any free port; if the port is in use, the next free one',
  },
  { path: 'wsPort', value: 'N', check: integer(0, 65_535), default: 9001, help: 'WebSocket port, with the same rules' },
  {
    path: 'users',
    value: 'FILE',
    check: file,
    isPath: true,
    mustExist: true,
    createWith: (users) => `${BROKER_COMMAND} passwd ${users} USER`,
    help: 'file with users and password hashes; passwd writes it',
  },
  {
    path: 'acl',
    value: 'FILE',
    check: union(file, array(rule), 'the path of a file, or a list of rules'),
    isPath: true,
    mustExist: true,
    help: 'file with the access control rules',
  },
  {
    path: 'allowAnonymous',
    check: boolean(),
    default: false,
    help: 'accept clients without credentials, even from other machines',
  },
  { path: 'jwt.secret', check: string('a secret'), secret: true, help: 'shared secret of HS256 tokens' },
  {
    path: 'jwt.secretFile',
    createWith: (file) => `openssl rand -base64 48 > ${file}`,
    value: 'FILE',
    check: file,
    isPath: true,
    mustExist: true,
    help: 'file with the shared secret of tokens',
  },
  {
    path: 'jwt.publicKey',
    value: 'FILE',
    check: file,
    isPath: true,
    mustExist: true,
    help: 'PEM file with the public key of tokens',
  },
  {
    path: 'jwt.jwks',
    value: 'FILE',
    check: string('the path of a file, or a URL'),
    isPath: true,
    mustExist: true,
    help: 'key set of tokens: a file or an https URL',
  },
  { path: 'jwt.issuer', value: 'TEXT', check: string(), help: 'required issuer of tokens' },
  { path: 'jwt.audience', value: 'TEXT', check: string(), help: 'required audience of tokens' },
  { path: 'jwt.userClaim', value: 'NAME', check: string(), help: 'claim with the user name (default sub)' },
  { path: 'sysTopics', check: boolean(), default: false, help: 'allow every client to subscribe to $SYS' },
  { path: 'sysInterval', value: 'N', check: integer(0, 86_400), default: 0, help: 'seconds between $SYS statistics' },
  {
    path: 'origins',
    value: 'LIST',
    check: array(string('an origin such as https://grafana.example.com, or any')),
    help: 'origins of web pages that may connect, separated by commas, or any; pages of this machine always may',
  },
  {
    path: 'data',
    value: 'DIR',
    check: string('the path of a folder'),
    isPath: true,
    help: 'folder that stores retained messages, sessions, queues and history',
  },
  {
    path: 'cluster',
    value: 'URL',
    check: string('a URL such as redis://host:6379'),
    help: 'Redis server that connects this broker with others as a cluster',
  },
  {
    path: 'history.filters',
    flag: 'history',
    value: 'FILTER',
    repeated: true,
    check: array(refine(string('a topic filter such as home/#'), validateRecordedFilter)),
    help: 'topic filter of the messages to record for history requests; may be repeated. With --data, the history survives a restart',
  },
  {
    path: 'history.root',
    value: 'TOPIC',
    check: refine(string('a topic'), validateRoot),
    default: DEFAULT_ROOT,
    help: 'root topic of history requests and responses',
  },
  ...rangeSettings('history', HISTORY_RANGES, HISTORY_HELP),
  {
    path: 'sensors',
    value: 'LIST',
    check: array(oneOf(SENSOR_SETS)),
    default: [],
    help: `demo sensors, separated by commas: ${SENSOR_SETS.join(', ')}; or none`,
  },
  {
    path: 'seed',
    value: 'N',
    check: integer(0, 2 ** 31 - 1),
    default: 1,
    help: 'seed of the demo sensors; another seed gives other values',
  },
  {
    path: 'sensorRate',
    value: 'N',
    check: number(0.001, 1_000),
    default: 1,
    help: 'factor for the rate of the demo sensors; at 0.02 they publish about once per minute, at 100 thousands of times per second',
  },
  {
    path: 'sensorFaultRate',
    value: 'N',
    check: number(0, 10),
    default: 1,
    help: "factor for the rate of the demo sensors' faults, such as lost, late and duplicated messages and offline devices; 0 for none",
  },
  {
    path: 'sensorPast',
    value: 'N',
    check: integer(0, 86_400),
    default: 0,
    help: 'seconds of history that the demo sensors have at the start; needs --history, and has no effect if the history has messages already',
  },
  {
    path: 'http.port',
    value: 'N',
    check: integer(0, 65_535),
    help: 'port of /healthz and /metrics (Prometheus)',
  },
  {
    path: 'http.host',
    value: 'H',
    check: string('a host name or address'),
    default: '127.0.0.1',
    help: 'address of the HTTP port',
  },
  {
    path: 'log.level',
    value: 'LEVEL',
    check: oneOf(LOG_LEVELS),
    default: 'info',
    help: `least severe level to log: ${LOG_LEVELS.join(', ')}`,
  },
  {
    path: 'log.format',
    value: 'FORMAT',
    check: oneOf(LOG_FORMATS),
    default: 'auto',
    help: 'json, pretty, or auto, which is pretty on a terminal',
  },
  ...rangeSettings('limits', LIMIT_RANGES, LIMIT_HELP),
];

/** A setting for each of the ranges of a group. */
function rangeSettings<K extends string>(
  group: string,
  ranges: Readonly<Record<K, Range>>,
  help: Readonly<Record<K, string>>
): Setting[] {
  return (Object.keys(ranges) as K[]).map((name) => {
    const [defaultValue, min, max] = ranges[name];
    return {
      path: `${group}.${name}`,
      value: 'N',
      check: integer(min, max),
      default: defaultValue,
      help: help[name],
    };
  });
}

/** `limits.packetBytes` is `--limits-packet-bytes`. */
export function flagOf({ flag, path }: Setting): string {
  return flag ?? joinWords(path, '-').toLowerCase();
}

/** Prefix of the broker's environment variables. */
export const BROKER_VARIABLES = 'MQTT_BROKER_';

/** `limits.packetBytes` is `MQTT_BROKER_LIMITS_PACKET_BYTES`. */
export function variableOf({ path }: Pick<Setting, 'path'>, prefix = BROKER_VARIABLES): string {
  return `${prefix}${joinWords(path, '_').toUpperCase()}`;
}

function joinWords(path: string, between: string): string {
  return path.replaceAll('.', between).replaceAll(/[A-Z]/g, (letter) => between + letter);
}
