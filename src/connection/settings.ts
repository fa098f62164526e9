import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionOptions, Credentials } from '../engine';
import { SETTING_RANGES, numberInRange } from '../setting-ranges';
import { type Auth, MAX_ROWS, type MqttOptions } from '../types';
import type { PayloadLimits } from '../payload';
import type { PoolLimits } from './pool-limits';

/** The part of the page's address that relative broker URLs depend on. */
export interface PageAddress {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** Host and port. */
  readonly host: string;
  /** The sub path that Grafana is served from, without a slash at the end; empty if there is none. */
  readonly appSubUrl: string;
}

type Settings = Pick<DataSourceInstanceSettings<MqttOptions>, 'url' | 'access' | 'jsonData'>;

/** The limits that a data source sets for its queries. */
export interface QueryLimits {
  /** Rows that a series may store. */
  readonly maxRows: number;
  /** Milliseconds that a row is stored. */
  readonly maxAgeMs?: number;
  /** See `StreamSpec`; without it, the defaults of the queries' shapes hold. */
  readonly maxSeries?: number;
  readonly limits?: PayloadLimits;
}

/** The connection options of a data source's settings. `url` is empty if the settings have none. */
export function connectionOptions(settings: Settings, page: PageAddress): ConnectionOptions {
  const {
    clientIdPrefix,
    keepalive,
    connectTimeout,
    cleanStart = true,
    sessionExpiry,
    sparkplugRebirth,
  } = settings.jsonData;
  return {
    url: brokerUrl(settings, page),
    protocolVersion: protocolVersion(settings.jsonData),
    clientIdPrefix: text(clientIdPrefix) ?? 'grafana',
    // 0 would turn keepalive off [MQTT-3.1.2.10], and a connection that died silently would look alive for hours.
    keepalive:
      Number(keepalive) === 0
        ? SETTING_RANGES.keepalive.defaultValue
        : numberInRange(keepalive, SETTING_RANGES.keepalive),
    connectTimeout: numberInRange(connectTimeout, SETTING_RANGES.connectTimeout),
    cleanStart,
    sessionExpiry: cleanStart ? 0 : numberInRange(sessionExpiry, SETTING_RANGES.sessionExpiry),
    ...(sparkplugRebirth === true ? { sparkplugRebirth } : undefined),
    credentials: credentials(settings.jsonData),
  };
}

/** How the connection authenticates: as the settings say, or as they imply. */
export function authOf({ auth, username, password }: MqttOptions): Auth {
  return auth ?? (text(username) === undefined && text(password) === undefined ? 'none' : 'shared');
}

export function poolLimits({ jsonData }: Settings): PoolLimits {
  return {
    lingerMs: numberInRange(jsonData.linger, SETTING_RANGES.linger) * 1_000,
    memoryBytes: numberInRange(jsonData.memory, SETTING_RANGES.memory) * 1_000_000,
  };
}

export function queryLimits({ jsonData }: Settings): QueryLimits {
  const { maxRows, maxAge } = jsonData;
  // A limit of 0 means no limit: it would leave panels empty.
  const seconds = Number(maxAge) > 0 ? numberInRange(maxAge, SETTING_RANGES.maxAge) : undefined;
  const maxSeries = numberInRange(jsonData.maxSeries, SETTING_RANGES.maxSeries);
  return {
    maxRows: Number(maxRows) > 0 ? numberInRange(maxRows, SETTING_RANGES.maxRows) : MAX_ROWS,
    ...(seconds === undefined ? undefined : { maxAgeMs: seconds * 1_000 }),
    ...(maxSeries === undefined ? undefined : { maxSeries }),
    limits: {
      levels: numberInRange(jsonData.maxLevels, SETTING_RANGES.maxLevels),
      items: numberInRange(jsonData.maxListItems, SETTING_RANGES.maxListItems),
      fields: numberInRange(jsonData.maxFields, SETTING_RANGES.maxFields),
      rows: numberInRange(jsonData.maxPayloadRows, SETTING_RANGES.maxPayloadRows),
    },
  };
}

/** The filter below which topics are searched for. */
export function topicRoot({ jsonData }: Settings): string {
  return text(jsonData.topicRoot)?.trim() || '#';
}

/** The first levels of Home Assistant's discovery topics; undefined if the data source does not use them. */
export function discoveryPrefix({ jsonData: { discovery } }: Settings): string | undefined {
  return prefixOf(discovery);
}

/** The first levels of the topics of Homie devices; undefined if the data source does not use their descriptions. */
export function homieBase({ jsonData: { homie } }: Settings): string | undefined {
  return prefixOf(homie);
}

/** The page's own origin as `ws://` or `wss://`, with host and port. */
export function pageOrigin(page: PageAddress): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}`;
}

/** A provisioning file may hold any type, and a prefix may end with slashes. */
function prefixOf(value: unknown): string | undefined {
  const prefix = typeof value === 'string' ? value.trim().replace(/\/+$/, '') : '';
  return prefix === '' ? undefined : prefix;
}

function protocolVersion({ protocol }: MqttOptions): 'auto' | 4 | 5 {
  // A provisioning file that says `protocol: 5` means the number.
  switch (String(protocol)) {
    case '5':
      return 5;
    case '3.1.1':
      return 4;
    default:
      return 'auto';
  }
}

function credentials(options: MqttOptions): Credentials | 'request' {
  switch (authOf(options)) {
    case 'shared': {
      const [username, password] = [text(options.username), text(options.password)];
      return {
        ...(username === undefined ? undefined : { username }),
        ...(password === undefined ? undefined : { password }),
      };
    }
    case 'viewer':
    case 'token':
      return 'request';
    default:
      return {};
  }
}

/** The text, if there is any. YAML reads a password of digits as a number. */
function text(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function brokerUrl(settings: Settings, page: PageAddress): string {
  const url = settings.url?.trim() ?? '';
  if (url === '') {
    return '';
  }
  if (settings.access === 'proxy') {
    // Grafana sets the path of its data source proxy as the URL, without its own sub path.
    return `${pageOrigin(page)}${page.appSubUrl}${url}`;
  }
  return url.startsWith('/') ? `${pageOrigin(page)}${url}` : url.replace(/^http(s?):/i, 'ws$1:');
}
