import { ACL_ACCESSES, type AclRule } from '../auth/acl';
import type { JwtOptions } from '../auth/jwt';
import { HISTORY_RANGES, HISTORY_LIMITS, validateRecordedFilter, type HistoryLimits } from '../history/options';
import { DEFAULT_ROOT, validateRoot } from '../history/topics';
import { LIMIT_BOUNDS, LIMIT_NAMES, type Limits } from '../limits';
import type { ListenerOptions } from '../transport/listener-options';
import { SENSOR_SETS, type SensorSet } from '../sensors';
import { number, union, array, object, oneOf, string, integer, refine, boolean, type Check } from './check';
import { listenerCheck } from './listener';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** What the command can be told, by flags, by environment variables and by a file. */
export interface Config {
  /** Undefined: TCP and WebSockets on `host`, at `tcpPort` and `wsPort` or the next free ones. */
  listeners?: ListenerOptions[];
  host: string;
  tcpPort: number;
  wsPort: number;
  allowAnonymous: boolean;
  users?: string;
  acl?: string | AclRule[];
  jwt?: JwtOptions;
  sysTopics: boolean;
  origins?: string[];
  data?: string;
  cluster?: string;
  /** Without filters, nothing is kept. */
  history: HistoryLimits & { filters?: string[]; root: string };
  sensors: SensorSet[];
  seed: number;
  sensorRate: number;
  sensorFaultRate: number;
  http: { host: string; port?: number };
  log: { level: (typeof LOG_LEVELS)[number]; format: (typeof LOG_FORMATS)[number] };
  limits: Limits;
}

export interface Setting {
  /** Where it stands in a file: `limits.packetBytes`. */
  path: string;
  check: Check<unknown>;
  help: string;
  /** What the value is called in the help; none for a switch. */
  value?: string;
  default?: unknown;
  /** Relative to the file that it stands in. */
  isPath?: boolean;
  /** Not on the command line, which other users of the machine can read. */
  secret?: boolean;
  /** May be given several times on the command line. */
  repeated?: boolean;
  /** Its name on the command line, when that is not made of the path. */
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
  age: 'seconds that a message is kept for history',
  messages: 'messages that are kept of one topic; the oldest go first',
  bytes: 'bytes of all that is kept; the oldest messages go first',
  topics: 'topics that are kept; with more, the one that was written least recently goes',
};

const LIMIT_HELP: Readonly<Record<keyof Limits, string>> = {
  packetBytes: 'one MQTT packet, in bytes',
  connectBytes: 'one packet before CONNECT is answered, in bytes',
  frameBytes: 'one WebSocket message, which may hold many packets, in bytes',
  backlogBytes: 'what may wait for one subscriber, in bytes; with more, it is dropped',
  drainTimeout: 'how long a subscriber may take nothing of it, in milliseconds',
  queueLimit: 'packets sent before CONNECT is answered',
  connectTimeout: 'how long TLS and HTTP, and then CONNECT, may take, in milliseconds',
  inflightInbound: 'QoS 2 messages of one publisher without PUBREL',
  connections: 'connections in all',
  connectionsPerAddress: 'connections from one address',
  connectsPerSecond: 'new connections a second from one address; more wait',
  publishesPerSecond: 'messages a second from one client; more are read later',
  subscribesPerSecond:
    'SUBSCRIBE and UNSUBSCRIBE packets a second from one client, each 64 bytes of them; more are read later',
  subscriptionsPerClient: 'filters of one client',
  subscriptionBytesPerClient: 'bytes of the filters of one client',
  topicLevels: 'levels of a topic or filter',
  clientIdLength: 'characters of a client id',
  queueMessages: 'messages that wait for one session; newer ones are not queued',
  queueBytes: 'bytes that wait for one session',
  queueTotal: 'messages that wait for all sessions together',
  queueTotalBytes: 'bytes that wait for all sessions together',
  retainedMessages: 'retained messages; further topics are not retained',
  retainedBytes: 'bytes of all retained messages',
  sessions: 'sessions that outlive their connection',
  sessionExpiry: 'seconds that a session is kept after its client left',
};

export const SETTINGS: readonly Setting[] = [
  {
    path: 'listeners',
    flag: 'listen',
    value: 'URL',
    repeated: true,
    check: array(listenerCheck),
    help: 'listen there instead: tcp://HOST:PORT, ws://HOST:PORT?paths=/mqtt, tls:// and wss:// with ?cert=FILE&key=FILE, and &ca=FILE&requestCert=true for client certificates; several times',
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
    help: 'TCP port; 0: any free one. A port that is taken gives the next free one, and the broker says so',
  },
  { path: 'wsPort', value: 'N', check: integer(0, 65_535), default: 9001, help: 'WebSocket port, likewise' },
  { path: 'users', value: 'FILE', check: file, isPath: true, help: 'users and password hashes; see passwd' },
  {
    path: 'acl',
    value: 'FILE',
    check: union(file, array(rule), 'the path of a file, or a list of rules'),
    isPath: true,
    help: 'who may read, publish on and subscribe to what',
  },
  {
    path: 'allowAnonymous',
    check: boolean(),
    default: false,
    help: 'let clients in that show no credentials, also where other machines reach the broker',
  },
  { path: 'jwt.secret', check: string('a secret'), secret: true, help: 'shared secret of HS256 tokens' },
  { path: 'jwt.secretFile', value: 'FILE', check: file, isPath: true, help: 'file with the shared secret of tokens' },
  { path: 'jwt.publicKey', value: 'FILE', check: file, isPath: true, help: 'PEM file with the key that signs tokens' },
  {
    path: 'jwt.jwks',
    value: 'FILE',
    check: string('the path of a file, or a URL'),
    isPath: true,
    help: 'key set of tokens, a file or an https URL',
  },
  { path: 'jwt.issuer', value: 'TEXT', check: string(), help: 'issuer that a token has to name' },
  { path: 'jwt.audience', value: 'TEXT', check: string(), help: 'audience that a token has to name' },
  { path: 'jwt.userClaim', value: 'NAME', check: string(), help: 'claim that is the user (default sub)' },
  { path: 'sysTopics', check: boolean(), default: false, help: 'let every client subscribe to $SYS' },
  {
    path: 'origins',
    value: 'LIST',
    check: array(string('an origin such as https://grafana.example.com, or any')),
    help: 'web pages that may connect, or any; beside them, those of this machine',
  },
  {
    path: 'data',
    value: 'DIR',
    check: string('the path of a folder'),
    isPath: true,
    help: 'keep retained messages, sessions, queues and history there',
  },
  {
    path: 'cluster',
    value: 'URL',
    check: string('a URL such as redis://host:6379'),
    help: 'share everything with other brokers through this Redis',
  },
  {
    path: 'history.filters',
    flag: 'history',
    value: 'FILTER',
    repeated: true,
    check: array(refine(string('a topic filter such as home/#'), validateRecordedFilter)),
    help: 'keep what matches for clients that ask for the past, with --data over a restart; several times',
  },
  {
    path: 'history.root',
    value: 'TOPIC',
    check: refine(string('a topic'), validateRoot),
    default: DEFAULT_ROOT,
    help: 'topic below which clients ask for it and are answered',
  },
  ...HISTORY_LIMITS.map((name): Setting => {
    const [usual, min, max] = HISTORY_RANGES[name];
    return {
      path: `history.${name}`,
      value: 'N',
      check: integer(min, max),
      default: usual,
      help: HISTORY_HELP[name],
    };
  }),
  {
    path: 'sensors',
    value: 'LIST',
    check: array(oneOf(SENSOR_SETS)),
    default: [],
    help: `demo sensors: ${SENSOR_SETS.join(', ')}, several with commas, or none`,
  },
  {
    path: 'seed',
    value: 'N',
    check: integer(0, 2 ** 31 - 1),
    default: 1,
    help: 'another seed gives the demo sensors another day',
  },
  {
    path: 'sensorRate',
    value: 'N',
    check: number(0.001, 1_000),
    default: 1,
    help: 'how many times as often they are read; 0.02 is about once a minute, 100 thousands a second',
  },
  {
    path: 'sensorFaultRate',
    value: 'N',
    check: number(0, 10),
    default: 1,
    help: 'how often their messages are lost, late, doubled or null, and devices offline; 0 for never',
  },
  {
    path: 'http.port',
    value: 'N',
    check: integer(0, 65_535),
    help: 'serve /healthz and /metrics (Prometheus) there',
  },
  {
    path: 'http.host',
    value: 'H',
    check: string('a host name or address'),
    default: '127.0.0.1',
    help: 'address for that',
  },
  {
    path: 'log.level',
    value: 'LEVEL',
    check: oneOf(LOG_LEVELS),
    default: 'info',
    help: `one of ${LOG_LEVELS.join(', ')}`,
  },
  {
    path: 'log.format',
    value: 'FORMAT',
    check: oneOf(LOG_FORMATS),
    default: 'auto',
    help: 'json, pretty, or auto: pretty on a terminal',
  },
  ...LIMIT_NAMES.map((name): Setting => {
    const [usual, min, max] = LIMIT_BOUNDS[name];
    return {
      path: `limits.${name}`,
      value: 'N',
      check: integer(min, max),
      default: usual,
      help: LIMIT_HELP[name],
    };
  }),
];

/** `limits.packetBytes` is `--limits-packet-bytes`. */
export function flagOf({ flag, path }: Setting): string {
  return flag ?? joinWords(path, '-').toLowerCase();
}

/** What the broker's environment variables begin with. */
export const BROKER_VARIABLES = 'MQTT_BROKER_';

/** `limits.packetBytes` is `MQTT_BROKER_LIMITS_PACKET_BYTES`. */
export function variableOf({ path }: Pick<Setting, 'path'>, prefix = BROKER_VARIABLES): string {
  return `${prefix}${joinWords(path, '_').toUpperCase()}`;
}

function joinWords(path: string, between: string): string {
  return path.replaceAll('.', between).replaceAll(/[A-Z]/g, (letter) => between + letter);
}
