import type { QueryResultMetaNotice } from '@grafana/data';

type Severity = QueryResultMetaNotice['severity'];

/** Something that a response has to say. */
export interface QueryNotice {
  /** Of which query; undefined for what is so for all of them. */
  readonly refId?: string;
  readonly severity: Severity;
  readonly text: string;
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/**
 * One notice of each severity, most important first: Grafana 12 shows the last one of each and drops the others
 * (PanelHeaderNotices.tsx), whatever their frames.
 *
 * @param said in the order of importance.
 * @param queries how many there are: with several, each sentence says whose it is.
 */
export function mergeNotices(said: readonly QueryNotice[], queries: number): QueryResultMetaNotice[] {
  return SEVERITIES.flatMap((severity) => {
    const texts = new Map<string, Set<string>>();
    for (const { refId, text } of said.filter((each) => each.severity === severity)) {
      const whose = texts.get(text) ?? new Set();
      texts.set(text, whose);
      if (refId !== undefined) {
        whose.add(refId);
      }
    }
    const sentences = [...texts].map(([text, whose]) =>
      queries === 1 || whose.size === 0 || whose.size === queries ? text : `${[...whose].join(', ')}: ${text}`
    );
    return sentences.length === 0 ? [] : [{ severity, text: sentences.join(' ') }];
  });
}
