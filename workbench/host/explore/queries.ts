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

/** The first concrete topic of a query, to publish to; undefined when all of them have wildcards. */
export function publishable(query: DataQuery | undefined): string | undefined {
  const topic: unknown = query && Reflect.get(query, 'topic');
  return typeof topic === 'string'
    ? topic
        .split('\n')
        .map((line) => line.trim())
        .find((line) => line !== '' && !/[+#{$]/.test(line))
    : undefined;
}
