import type { DataQueryRequest } from '@grafana/data';
import type { MqttQuery } from '../types';
import { isObject } from '../utils/is-object';

/** The parts of `SceneQueryRunner` of @grafana/scenes that are used here. */
interface QueryRunner {
  readonly isActive?: unknown;
  setState?(state: { data: undefined }): void;
}

/** The query runner of a dashboard's panel. Explore and the old dashboards have none. */
export function queryRunnerOf(request: DataQueryRequest<MqttQuery>): QueryRunner | undefined {
  const value: unknown = request.scopedVars?.['__sceneObject']?.value;
  const runner: unknown = value?.valueOf();
  return isObject(runner) ? runner : undefined;
}

/**
 * Has a panel query again when it comes back into view. To be called at the end of a run whose last response was an
 * error: Grafana keeps an error for the time range of its request, so the panel of a closed row or of a left tab would
 * show an old error until somebody refreshes (SceneQueryRunner.ts:299-335 of @grafana/scenes 6.52). A panel that has
 * only started another run is still active, and keeps what it shows.
 */
export function forgetError(request: DataQueryRequest<MqttQuery>): void {
  const runner = queryRunnerOf(request);
  if (runner?.isActive === false && typeof runner.setState === 'function') {
    runner.setState({ data: undefined });
  }
}
