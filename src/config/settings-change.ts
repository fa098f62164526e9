import type { DataSourceSettings } from '@grafana/data';
import type { MqttOptions, ServerAuthOptions, ServerSecrets } from '../types';

/** The part of `jsonData` that the editor reads and writes. */
export type EditedOptions = MqttOptions & ServerAuthOptions;

export type EditedSettings = DataSourceSettings<EditedOptions, ServerSecrets>;

/** Props of every section of the editor. */
export interface SectionProps {
  readonly options: EditedSettings;
  readonly onChange: (options: EditedSettings) => void;
}

type Key = keyof EditedOptions | `httpHeaderName${number}`;

/** Sets some of `jsonData`. An undefined value is not saved: the default holds. */
export function withJson(options: EditedSettings, changes: Partial<Record<Key, unknown>>): EditedSettings {
  const entries = Object.entries({ ...options.jsonData, ...changes });
  return { ...options, jsonData: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) };
}

/** Sets a secret. The browser sends it once, when the settings are saved. */
export function withSecret(options: EditedSettings, key: keyof ServerSecrets, value: string): EditedSettings {
  return { ...options, secureJsonData: { ...options.secureJsonData, [key]: value } };
}

/** Removes a stored secret, so that another can be typed. An empty secret overwrites the stored one. */
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

/** A header that Grafana adds. Grafana counts headers from 1 and stops at the first number that is missing. */
export interface Header {
  readonly number: number;
  readonly name: string;
  readonly value: string;
  /** Grafana has stored a value. */
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
 * Removes a header, and moves the last header into its place so that there is no gap. The browser does not have stored
 * values, so they cannot be moved: the value of the moved header must be entered again.
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
    // A header that is added later must not get the old value of this number.
    next = withoutSecret(next, `httpHeaderValue${last.number}`);
  }
  return next;
}
