import { type DataSourceApi, isObject } from '@grafana/data';
import type { AlertVariant } from '@grafana/ui';

export interface HealthCheckResult {
  severity: AlertVariant;
  message: string;
  details?: string;
  /** Shown after a click. */
  more?: string;
}

/** Calls `testDatasource()` and reads the result as Grafana does (datasources/state/actions.ts:82-176). */
export async function testDataSource(datasource: DataSourceApi): Promise<HealthCheckResult> {
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
    // Only the message of an Error is shown; that of a rejected plain object is lost.
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
