import type { DataQueryError, PanelData } from '@grafana/data';
import type { PanelStatusItem } from '@grafana/ui';

/** What a panel's header says: all errors, and each notice once (PanelHeaderNotices.tsx:23-33). */
export function panelStatus(data: PanelData | undefined, refId?: string): PanelStatusItem[] {
  const items: PanelStatusItem[] = errorsOf(data)
    .filter((error) => refId === undefined || error.refId === refId)
    .map((error) => ({ severity: 'error', text: error.message ?? error.data?.message ?? 'Query error' }));
  for (const frame of data?.series ?? []) {
    if (refId === undefined || frame.refId === refId) {
      items.push(...(frame.meta?.notices ?? []).map(({ severity, text }) => ({ severity, text })));
    }
  }
  return items.filter(
    (item, index) => items.findIndex(({ severity, text }) => severity === item.severity && text === item.text) === index
  );
}

function errorsOf(data: PanelData | undefined): DataQueryError[] {
  if (data?.errors?.length) {
    return data.errors;
  }
  return data?.error ? [data.error] : [];
}
