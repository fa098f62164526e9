import type { DataQuery } from '@grafana/data';

import type { MqttQuery } from '../../../src/types';
import type { Params } from '../params';

const DEFAULT_TOPIC = 'home/kitchen/temperature';

/** The queries of Explore at the start, as the address has them. */
export function startQueries({ topic = DEFAULT_TOPIC, queries }: Pick<Params, 'topic' | 'queries'>): MqttQuery[] {
  return queries.length > 0 ? (queries as MqttQuery[]) : [{ refId: 'A', topic }];
}

/** The parameter `query` of the address, so that {@link startQueries} gives the same queries again; null for none. */
export function inAddress(queries: readonly DataQuery[], topic: string | undefined): string[] | null {
  const unchanged = JSON.stringify(startQueries({ queries: [], ...(topic === undefined ? undefined : { topic }) }));
  return JSON.stringify(queries) === unchanged ? null : queries.map((query) => JSON.stringify(query));
}

/** A query row; `key` does not change when the queries before it are removed. */
export interface Row {
  key: number;
  query: DataQuery;
}

/** The first letter that no row uses. */
export function nextRefId(rows: readonly Row[]): string {
  const taken = new Set(rows.map(({ query }) => query.refId));
  for (let index = 0; ; index++) {
    const refId = index < 26 ? String.fromCharCode(65 + index) : `Q${index}`;
    if (!taken.has(refId)) {
      return refId;
    }
  }
}

export function replaceAt(rows: readonly Row[], key: number, query: DataQuery): Row[] {
  return rows.map((row) => (row.key === key ? { key, query } : row));
}

/**
 * A topic to publish to that a query matches: its first filter without wildcards, else one made from its first filter;
 * undefined if that filter has variables.
 */
export function publishable(query: DataQuery | undefined): string | undefined {
  const topic: unknown = query && Reflect.get(query, 'topic');
  const lines = typeof topic === 'string' ? topic.split('\n').map((line) => line.trim()) : [];
  const filters = lines.filter((line) => line !== '' && !line.includes('$'));
  return filters.find((line) => !/[+#{]/.test(line)) ?? (filters.length === 0 ? undefined : anyTopic(filters[0]));
}

/** A topic that a filter matches: a named level becomes its name, and any other wildcard `test`. */
function anyTopic(filter: string): string {
  return filter
    .split('/')
    .map((level) => /^\{([^}#]+)#?\}$/.exec(level)?.[1] ?? level.replace(/^[+#]$/, 'test'))
    .join('/');
}
