import type { DataQueryError, PanelData, QueryResultMetaNotice } from '@grafana/data';
import type { PanelStatusItem } from '@grafana/ui';

/** The texts in a panel's header: all errors, and only the last notice of each severity (PanelHeaderNotices.tsx:23-33). */
export function panelStatus(data: PanelData | undefined): PanelStatusItem[] {
  const last = new Map<QueryResultMetaNotice['severity'], PanelStatusItem>();
  for (const { severity, text } of noticesOf(data)) {
    last.set(severity, { severity, text });
  }
  return [
    ...errorsOf(data).map((error): PanelStatusItem => ({ severity: 'error', text: wordsOf(error) })),
    ...last.values(),
  ];
}

/** The errors in a query row: only those of the query, and no notices (QueryEditorRow.tsx:584-620). */
export function rowErrors(data: PanelData | undefined, refId: string): string[] {
  return errorsOf(data)
    .filter((error) => error.refId === refId)
    .map(wordsOf);
}

/** The texts that the badge of a query row counts: warnings or information, each text once. */
export function rowNotices(data: PanelData | undefined, refId: string, severity: 'warning' | 'info'): string[] {
  const notices = noticesOf(data, refId).filter((notice) => notice.severity === severity);
  return [...new Set(notices.map(({ text }) => text))];
}

function noticesOf(data: PanelData | undefined, refId?: string): QueryResultMetaNotice[] {
  const frames = (data?.series ?? []).filter((frame) => refId === undefined || frame.refId === refId);
  return frames.flatMap(({ meta }) => meta?.notices ?? []);
}

function errorsOf(data: PanelData | undefined): DataQueryError[] {
  if (data?.errors?.length) {
    return data.errors;
  }
  return data?.error ? [data.error] : [];
}

function wordsOf(error: DataQueryError): string {
  return error.message ?? error.data?.message ?? 'Query error';
}
