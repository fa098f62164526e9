import type { DataSourceInstanceSettings } from '@grafana/data';
import type { ConnectionOptions } from '../engine';
import type { MqttOptions } from '../types';
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

const DEFAULT_LINGER_S = 30;
const DEFAULT_MEMORY_MB = 64;

/** The connection that a data source's settings ask for. `url` is empty where none is set. */
export function connectionOptions(
  settings: DataSourceInstanceSettings<MqttOptions>,
  page: PageAddress
): ConnectionOptions {
  const { clientIdPrefix, keepalive, connectTimeout } = settings.jsonData;
  return {
    url: brokerUrl(settings, page),
    protocolVersion: 4,
    clientIdPrefix: clientIdPrefix === undefined || clientIdPrefix === '' ? 'grafana' : clientIdPrefix,
    keepalive: keepalive ?? 60,
    connectTimeout: connectTimeout ?? 5,
  };
}

export function limitsOf({ jsonData }: DataSourceInstanceSettings<MqttOptions>): Limits {
  return {
    lingerMs: (jsonData.linger ?? DEFAULT_LINGER_S) * 1_000,
    memoryBytes: (jsonData.memory ?? DEFAULT_MEMORY_MB) * 1_000_000,
  };
}

function brokerUrl(settings: DataSourceInstanceSettings<MqttOptions>, page: PageAddress): string {
  const url = settings.url?.trim() ?? '';
  if (url === '') {
    return '';
  }
  const origin = `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}`;
  if (settings.access === 'proxy') {
    // Grafana gives the path of its own data source proxy, without the path that it is itself served below.
    return `${origin}${page.appSubUrl}${url}`;
  }
  return url.startsWith('/') ? `${origin}${url}` : url.replace(/^http(s?):/i, 'ws$1:');
}
