import type { DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { from, type Observable, switchMap } from 'rxjs';
import { loadPart } from '../connection/load-part';
import type { MqttQuery } from '../types';
import { withinLimits } from './limits';
import { labelsOf, parseQuery } from './parse-query';
import type { RunDeps } from './run-deps';
import type * as variableOptions from './variable-options';

/** The file of the part; the build knows its name, and tests import the module. */
declare const VARIABLES_PART: string;

const TOOLS: variableOptions.VariableTools = {
  parse: (query, { replace, limits }) => withinLimits(parseQuery(query, replace), limits),
  labelsOf,
};

/** Loads the part that finds the options of a query variable, and runs it. An error if the part does not come. */
export function startVariableOptions(
  request: DataQueryRequest<MqttQuery>,
  deps: RunDeps,
  collectMs?: number
): Observable<DataQueryResponse> {
  const part: Promise<typeof variableOptions> =
    typeof VARIABLES_PART === 'undefined' ? import('./variable-options') : loadPart(VARIABLES_PART);
  return from(part).pipe(switchMap((code) => code.variableOptions(request, deps, TOOLS, collectMs)));
}
