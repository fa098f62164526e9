import type { DataQuery } from '@grafana/data';

/** A query row; `key` stays when the queries before it go. */
export interface Row {
  key: number;
  query: DataQuery;
}

/** The first letter that no row has. */
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
 * A topic that a query reads, to publish to: its first concrete one, else one made of its first filter; undefined where
 * that has variables.
 */
export function publishable(query: DataQuery | undefined): string | undefined {
  const topic: unknown = query && Reflect.get(query, 'topic');
  const lines = typeof topic === 'string' ? topic.split('\n').map((line) => line.trim()) : [];
  const filters = lines.filter((line) => line !== '' && !line.includes('$'));
  return filters.find((line) => !/[+#{]/.test(line)) ?? (filters.length === 0 ? undefined : anyTopic(filters[0]));
}

/** A topic that a filter matches: a named level becomes its name, and any other one `test`. */
function anyTopic(filter: string): string {
  return filter
    .split('/')
    .map((level) => /^\{([^}#]+)#?\}$/.exec(level)?.[1] ?? level.replace(/^[+#]$/, 'test'))
    .join('/');
}
