import type { PanelData } from '@grafana/data';
import type { QueryDiagnostics } from '../types';

/** The diagnostics of one query, from the frames of a panel. Undefined before the first response. */
export function diagnosticsOf(data: PanelData | undefined, refId: string): QueryDiagnostics | undefined {
  for (const frame of data?.series ?? []) {
    const diagnostics: unknown = frame.refId === refId ? frame.meta?.custom?.mqtt : undefined;
    if (typeof diagnostics === 'object' && diagnostics !== null) {
      return diagnostics as QueryDiagnostics;
    }
  }
  return undefined;
}
