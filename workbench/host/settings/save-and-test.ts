import { type DataSourceApi, isObject } from '@grafana/data';
import type { AlertVariant } from '@grafana/ui';

export interface Verdict {
  severity: AlertVariant;
  message: string;
  details?: string;
  /** Shown when it is unfolded. */
  more?: string;
}

/** What Grafana makes of `testDatasource()` (datasources/state/actions.ts:82-176). */
export async function testDataSource(datasource: DataSourceApi): Promise<Verdict> {
  try {
    const result: unknown = await datasource.testDatasource();
    const details: unknown = isObject(result) ? Reflect.get(result, 'details') : undefined;
    return {
      severity: severityOf(textOf(result, 'status')),
      message: textOf(result, 'message') ?? '',
      details: textOf(details, 'message'),
      more: textOf(details, 'verboseMessage'),
    };
  } catch (error) {
    // Only an Error's message is shown; what a rejected plain object says is lost.
    return { severity: 'error', message: error instanceof Error ? error.message : 'HTTP error' };
  }
}

function severityOf(status: string | undefined): AlertVariant {
  switch (status?.toLowerCase()) {
    case 'success':
    case 'ok':
      return 'success';
    case 'warning':
    case 'info':
      return status.toLowerCase() === 'info' ? 'info' : 'warning';
    default:
      return 'error';
  }
}

function textOf(value: unknown, key: string): string | undefined {
  const text: unknown = isObject(value) ? Reflect.get(value, key) : undefined;
  return typeof text === 'string' ? text : undefined;
}
