import type { ListenerType } from '../transport/client-stream';
import type { ListenerOptions } from '../transport/listener-options';
import { ConfigError, array, object, oneOf, string, integer, typeError, boolean, type Check } from './check';

const TYPES: readonly ListenerType[] = ['tcp', 'tls', 'ws', 'wss'];

interface Given {
  type: ListenerType;
  host?: string;
  port?: number;
  paths?: string[];
  cert?: string;
  key?: string;
  ca?: string;
  requestCert?: boolean;
}

const given = object<Given>(
  {
    type: oneOf(TYPES),
    host: string('a host name or address'),
    port: integer(0, 65_535),
    paths: array(pathCheck()),
    cert: string('a PEM file'),
    key: string('a PEM file'),
    ca: string('a PEM file'),
    requestCert: boolean(),
  },
  ['type']
);

/**
 * A listener: an object in a file, a URL with the other options as its query on the command line, such as
 * `wss://0.0.0.0:9443?cert=server.pem&key=server.key&paths=/mqtt`.
 */
export const listenerCheck: Check<ListenerOptions> = {
  expected: `a listener such as tcp://127.0.0.1:1883 (${TYPES.join(', ')})`,
  fromText: parseListener,
  parse: (value, source) => {
    if (typeof value === 'string') {
      throw typeError(source, listenerCheck.expected, value);
    }
    const { type, ...rest } = given.parse(value, source);
    const secure = type === 'tls' || type === 'wss';
    const web = type === 'ws' || type === 'wss';
    for (const key of ['cert', 'key'] as const) {
      if (secure && rest[key] === undefined) {
        throw new ConfigError(`${source}.${key}`, `Expected a PEM file for ${type}, got nothing`);
      }
    }
    for (const [key, belongs, kinds] of [
      ['paths', web, 'ws and wss'],
      ['cert', secure, 'tls and wss'],
      ['key', secure, 'tls and wss'],
      ['ca', secure, 'tls and wss'],
      ['requestCert', secure, 'tls and wss'],
    ] as const) {
      if (!belongs && rest[key] !== undefined) {
        throw new ConfigError(`${source}.${key}`, `This option is for ${kinds} only, and the listener is ${type}`);
      }
    }
    if (rest.requestCert && rest.ca === undefined) {
      throw new ConfigError(
        `${source}.ca`,
        'Expected a PEM file with the authority of the client certificates, which requestCert needs, got nothing'
      );
    }
    return { type, ...rest } as ListenerOptions;
  },
};

function pathCheck(): Check<string> {
  const expected = 'a path that begins with /';
  return {
    expected,
    fromText: (value) => value,
    parse: (value, source) => {
      if (typeof value !== 'string' || !value.startsWith('/')) {
        throw typeError(source, expected, value);
      }
      return value;
    },
  };
}

function parseListener(address: string): unknown {
  const [, type, host, port, query = ''] =
    /^(\w+):\/\/(\[[^\]]*\]|[^:/?]*)(?::(\d+))?\/?(?:\?(.*))?$/.exec(address) ?? [];
  if (type === undefined) {
    return address;
  }
  const result: Record<string, unknown> = { type };
  if (host) {
    result['host'] = host.replace(/^\[|\]$/g, '');
  }
  if (port) {
    result['port'] = Number(port);
  }
  for (const [key, value] of new URLSearchParams(query)) {
    result[key] = key === 'paths' ? value.split(' ') : key === 'requestCert' ? boolean().fromText(value) : value;
  }
  return result;
}
