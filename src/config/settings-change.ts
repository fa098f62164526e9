import type { DataSourceSettings } from '@grafana/data';
import type { MqttOptions, ServerAuthOptions, ServerSecrets } from '../types';

/** All that the editor reads and writes of `jsonData`. */
export type EditedOptions = MqttOptions & ServerAuthOptions;

export type EditedSettings = DataSourceSettings<EditedOptions, ServerSecrets>;

/** What every section of the editor is handed. */
export interface SectionProps {
  readonly options: EditedSettings;
  readonly onChange: (options: EditedSettings) => void;
}

type Key = keyof EditedOptions | `httpHeaderName${number}`;

/** Sets some of `jsonData`; what is undefined is left out of what is saved, and has its default. */
export function withJson(options: EditedSettings, changes: Partial<Record<Key, unknown>>): EditedSettings {
  const entries = Object.entries({ ...options.jsonData, ...changes });
  return { ...options, jsonData: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) };
}

/** A secret as it is typed. It leaves the browser once, when it is saved. */
export function withSecret(options: EditedSettings, key: keyof ServerSecrets, value: string): EditedSettings {
  return { ...options, secureJsonData: { ...options.secureJsonData, [key]: value } };
}

/** Takes a stored secret away, so that another can be typed. An empty one overwrites what Grafana has. */
export function withoutSecret(options: EditedSettings, key: keyof ServerSecrets): EditedSettings {
  return {
    ...options,
    secureJsonFields: { ...options.secureJsonFields, [key]: false },
    secureJsonData: { ...options.secureJsonData, [key]: '' },
  };
}

export function isStored(options: EditedSettings, key: keyof ServerSecrets): boolean {
  return options.secureJsonFields[key] ?? false;
}

/** A header that Grafana adds. Grafana counts them from 1 and stops at the first that is missing. */
export interface Header {
  readonly number: number;
  readonly name: string;
  readonly value: string;
  /** Grafana has a value for it. */
  readonly stored: boolean;
}

export function headersOf(options: EditedSettings): Header[] {
  const headers: Header[] = [];
  for (let number = 1; ; number++) {
    const name: unknown = Reflect.get(options.jsonData, `httpHeaderName${number}`);
    if (typeof name !== 'string') {
      return headers;
    }
    headers.push({
      number,
      name,
      value: options.secureJsonData?.[`httpHeaderValue${number}`] ?? '',
      stored: isStored(options, `httpHeaderValue${number}`),
    });
  }
}

export function withHeaderName(options: EditedSettings, number: number, name: string): EditedSettings {
  return withJson(options, { [`httpHeaderName${number}`]: name });
}

export function withAddedHeader(options: EditedSettings): EditedSettings {
  return withHeaderName(options, headersOf(options).length + 1, '');
}

/**
 * Takes a header away, and puts the last one in its place so that there is no gap. A stored value cannot be moved,
 * because the browser does not have it: the moved header asks for it again.
 */
export function withoutHeader(options: EditedSettings, number: number): EditedSettings {
  const headers = headersOf(options);
  const last = headers.at(-1);
  let next = options;
  if (last !== undefined && last.number !== number) {
    next = withHeaderName(next, number, last.name);
    next = withoutSecret(next, `httpHeaderValue${number}`);
    next = withSecret(next, `httpHeaderValue${number}`, last.value);
  }
  if (last !== undefined) {
    next = withJson(next, { [`httpHeaderName${last.number}`]: undefined });
    // A header that is added later must not find an old value in its place.
    next = withoutSecret(next, `httpHeaderValue${last.number}`);
  }
  return next;
}
