import type { QueryResultMetaNotice } from '@grafana/data';
import { getOrSet } from '../utils/get-or-set';

type Severity = QueryResultMetaNotice['severity'];

/** A notice of a response. */
export interface QueryNotice {
  /** The query that the notice is about; undefined for a notice about all queries. */
  readonly refId?: string;
  readonly severity: Severity;
  readonly text: string;
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/**
 * Joins notices to one of each severity, most severe first: Grafana 12 shows only the last one of each severity,
 * whatever their frames (PanelHeaderNotices.tsx).
 *
 * @param notices the most important first.
 * @param queries the number of queries. If there are several, each sentence begins with the letters of its queries.
 */
export function mergeNotices(notices: readonly QueryNotice[], queries: number): QueryResultMetaNotice[] {
  return SEVERITIES.flatMap((severity) => {
    const texts = new Map<string, Set<string>>();
    for (const { refId, text } of notices.filter((each) => each.severity === severity)) {
      const refIds = getOrSet(texts, text, () => new Set<string>());
      if (refId !== undefined) {
        refIds.add(refId);
      }
    }
    const sentences = [...texts].map(([text, refIds]) =>
      queries === 1 || refIds.size === 0 || refIds.size === queries ? text : `${[...refIds].join(', ')}: ${text}`
    );
    return sentences.length === 0 ? [] : [{ severity, text: sentences.join(' ') }];
  });
}
