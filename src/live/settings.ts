import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionOptions, Credentials } from '../engine';
import { type Auth, MAX_ROWS, type MqttOptions } from '../types';
import type { Limits } from './pool';

/** What of the page decides where a URL leads. */
export interface PageAddress {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** Host and port. */
  readonly host: string;
  /** The path that Grafana is served below, without a slash at its end; empty for none. */
  readonly appSubUrl: string;
}

/** The most that a query may keep, whatever it asks for. */
export interface RetentionCaps {
  /** Rows per series. */
  readonly maxRows: number;
  /** Milliseconds. */
  readonly maxAgeMs?: number;
}

type Settings = Pick<DataSourceInstanceSettings<MqttOptions>, 'url' | 'access' | 'jsonData'>;

const DEFAULT_LINGER_S = 30;
const DEFAULT_MEMORY_MB = 64;
const DEFAULT_SESSION_S = 300;

/** The connection that a data source's settings ask for. `url` is empty where none is set. */
export function connectionOptions(settings: Settings, page: PageAddress): ConnectionOptions {
  const { clientIdPrefix, keepalive, connectTimeout, cleanStart = true, sessionExpiry } = settings.jsonData;
  return {
    url: brokerUrl(settings, page),
    protocolVersion: protocolVersion(settings.jsonData),
    clientIdPrefix: clientIdPrefix === undefined || clientIdPrefix === '' ? 'grafana' : clientIdPrefix,
    keepalive: keepalive ?? 60,
    connectTimeout: connectTimeout ?? 5,
    cleanStart,
    sessionExpiry: cleanStart ? 0 : (sessionExpiry ?? DEFAULT_SESSION_S),
    credentials: credentials(settings.jsonData),
  };
}

/** Who the connection proves itself as: what the settings say, or what they imply. */
export function authOf({ auth, username, password }: MqttOptions): Auth {
  return auth ?? (hasText(username) || hasText(password) ? 'shared' : 'none');
}

export function limitsOf({ jsonData }: Settings): Limits {
  return {
    lingerMs: (jsonData.linger ?? DEFAULT_LINGER_S) * 1_000,
    memoryBytes: (jsonData.memory ?? DEFAULT_MEMORY_MB) * 1_000_000,
  };
}

export function retentionCaps({ jsonData: { maxRows, maxAge } }: Settings): RetentionCaps {
  return {
    maxRows: maxRows !== undefined && maxRows >= 1 ? Math.min(Math.floor(maxRows), MAX_ROWS) : MAX_ROWS,
    ...(maxAge !== undefined && maxAge > 0 ? { maxAgeMs: maxAge * 1_000 } : undefined),
  };
}

/** The first levels of Home Assistant's discovery topics; undefined where no units are taken from there. */
export function discoveryPrefix({ jsonData: { discovery } }: Settings): string | undefined {
  // A provisioning file may hold anything, and a prefix may be written as a folder.
  const prefix = typeof discovery === 'string' ? discovery.trim().replace(/\/+$/, '') : '';
  return prefix === '' ? undefined : prefix;
}

/** The page's own `ws://` or `wss://`, host and port. */
export function pageOrigin(page: PageAddress): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}`;
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
      const { username, password } = options;
      return { ...(hasText(username) ? { username } : undefined), ...(hasText(password) ? { password } : undefined) };
    }
    case 'viewer':
    case 'token':
      return 'ask';
    default:
      return {};
  }
}

function hasText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
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
