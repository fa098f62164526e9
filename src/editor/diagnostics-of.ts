import type { PanelData } from '@grafana/data';
import type { QueryDiagnostics } from '../types';
import { isObject } from '../utils/is-object';

/** The diagnostics of one query, from the frames of a panel. Undefined before the first response. */
export function diagnosticsOf(data: PanelData | undefined, refId: string): QueryDiagnostics | undefined {
  for (const frame of data?.series ?? []) {
    const diagnostics: unknown = frame.refId === refId ? frame.meta?.custom?.mqtt : undefined;
    if (isObject(diagnostics)) {
      return diagnostics as QueryDiagnostics;
    }
  }
  return undefined;
}
