import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionOptions, Credentials } from '../engine';
import { SETTING_RANGES, numberInRange } from '../setting-ranges';
import { type Auth, MAX_ROWS, type MqttOptions } from '../types';
import type { PayloadLimits } from '../payload';
import type { PoolLimits } from './pool';

/** What of the page decides where a URL leads. */
export interface PageAddress {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** Host and port. */
  readonly host: string;
  /** The path that Grafana is served below, without a slash at its end; empty for none. */
  readonly appSubUrl: string;
}

type Settings = Pick<DataSourceInstanceSettings<MqttOptions>, 'url' | 'access' | 'jsonData'>;

/** What a data source allows its queries, whatever they ask for. */
export interface QueryLimits {
  /** Rows that a series keeps. */
  readonly maxRows: number;
  /** Milliseconds that a row is kept. */
  readonly maxAgeMs?: number;
  /** See `StreamSpec`. */
  readonly maxSeries?: number;
  readonly limits?: PayloadLimits;
}

/** The connection that a data source's settings ask for. `url` is empty where none is set. */
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
    // 0 would turn it off in MQTT, and a connection that died without a word would look alive for hours.
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

/** Who the connection proves itself as: what the settings say, or what they imply. */
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
  // A cap of nothing is none: it would leave panels empty.
  const seconds = Number(maxAge) > 0 ? numberInRange(maxAge, SETTING_RANGES.maxAge) : undefined;
  return {
    maxRows: Number(maxRows) > 0 ? numberInRange(maxRows, SETTING_RANGES.maxRows) : MAX_ROWS,
    ...(seconds === undefined ? undefined : { maxAgeMs: seconds * 1_000 }),
    maxSeries: numberInRange(jsonData.maxSeries, SETTING_RANGES.maxSeries),
    limits: {
      levels: numberInRange(jsonData.maxLevels, SETTING_RANGES.maxLevels),
      items: numberInRange(jsonData.maxListItems, SETTING_RANGES.maxListItems),
      fields: numberInRange(jsonData.maxFields, SETTING_RANGES.maxFields),
      rows: numberInRange(jsonData.maxPayloadRows, SETTING_RANGES.maxPayloadRows),
    },
  };
}

/** The filter below which topics are looked for. */
export function topicRoot({ jsonData }: Settings): string {
  return text(jsonData.topicRoot)?.trim() || '#';
}

/** The first levels of Home Assistant's discovery topics; undefined where no units are taken from there. */
export function discoveryPrefix({ jsonData: { discovery } }: Settings): string | undefined {
  return prefixOf(discovery);
}

/** The first level, or levels, of Homie devices; undefined where nothing is taken from what they say of themselves. */
export function homieBase({ jsonData: { homie } }: Settings): string | undefined {
  return prefixOf(homie);
}

/** The page's own `ws://` or `wss://`, host and port. */
export function pageOrigin(page: PageAddress): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}`;
}

/** A provisioning file may hold anything, and a prefix may be written as a folder. */
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

function credentials(options: MqttOptions): Credentials | 'ask' {
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
      return 'ask';
    default:
      return {};
  }
}

/** Text, where there is some: a password of digits is a number to YAML. */
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
    // Grafana gives the path of its own data source proxy, without the path that it is itself served below.
    return `${pageOrigin(page)}${page.appSubUrl}${url}`;
  }
  return url.startsWith('/') ? `${pageOrigin(page)}${url}` : url.replace(/^http(s?):/i, 'ws$1:');
}
