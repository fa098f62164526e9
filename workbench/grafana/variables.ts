import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  FieldType,
  LoadingState,
  type MetricFindValue,
  type PanelData,
} from '@grafana/data';
import { filter, firstValueFrom, type Observable, take } from 'rxjs';

import { type Queryable, runRequest } from './run-request';

/** A data source that answers query variables: `CustomVariableSupport`, or its own `query()`. */
export interface VariableQueryable extends Queryable {
  variables?: { query?(request: DataQueryRequest): Observable<DataQueryResponse> };
  metricFindQuery?(query: unknown, options?: unknown): Promise<MetricFindValue[]>;
}

/**
 * The options of a query variable. Takes the first response that is Done or Error (scenes' QueryVariable.tsx:98-105):
 * with a data source that only streams, the variable never stops loading.
 */
export async function runVariableQuery(
  datasource: VariableQueryable,
  request: DataQueryRequest
): Promise<MetricFindValue[]> {
  const { variables } = datasource;
  // Core ignores metricFindQuery if there is variable support (docs/development/grafana-core.md, rule 7).
  if (!variables && datasource.metricFindQuery) {
    return datasource.metricFindQuery(request.targets[0], { range: request.range, scopedVars: request.scopedVars });
  }
  const query = variables?.query ? (r: DataQueryRequest) => runCustom(variables, r) : undefined;
  const data = await firstValueFrom(
    runRequest(datasource, request, query).pipe(
      filter(({ state }) => state === LoadingState.Done || state === LoadingState.Error),
      take(1)
    )
  );
  return metricFindValues(data);
}

function runCustom(
  variables: NonNullable<VariableQueryable['variables']>,
  request: DataQueryRequest
): Observable<DataQueryResponse> {
  if (!variables.query) {
    throw new Error('Variable support without a query function');
  }
  return variables.query(request);
}

/** The fields named `value` and `text`, or else the first text field. */
function metricFindValues(data: PanelData): MetricFindValue[] {
  if (data.state === LoadingState.Error) {
    throw new Error(data.error?.message ?? data.errors?.[0]?.message ?? 'Query error');
  }
  return data.series.flatMap((frame) => (isFrame(frame) ? valuesOfFrame(frame) : [frame]));
}

function isFrame(item: DataFrame | MetricFindValue): item is DataFrame {
  return 'fields' in item;
}

function valuesOfFrame(frame: DataFrame): MetricFindValue[] {
  const named = (name: string) => frame.fields.find((field) => field.name.toLowerCase() === name);
  const value = named('value');
  const text = named('text') ?? value ?? frame.fields.find((field) => field.type === FieldType.string);
  if (!text) {
    throw new Error("Couldn't find any field of type string in the results");
  }
  return text.values.map((label: unknown, row: number) => ({
    text: String(label),
    value: String((value ?? text).values[row]),
  }));
}
