import type { DataQueryRequest } from '@grafana/data';
import type { MqttQuery } from '../types';
import { isObject } from '../utils/is-object';

interface Running {
  readonly requestId: string;
  readonly end: () => void;
}

/** The request that is running, for each panel's query runner and data source. */
const running = new WeakMap<object, Map<string, Running>>();

/**
 * Ends the earlier run of the same panel. When two runs of a panel overlap (the first still waits for its data source,
 * as it does while this plugin loads), Grafana does not unsubscribe from the first, which then feeds the panel for as
 * long as the dashboard is open (SceneQueryRunner.runWithTimeRange in @grafana/scenes 6.52).
 *
 * Requests of one run share a request id (a time comparison sends two), and do not end each other.
 *
 * @param end ends the run that starts now; called when another run follows.
 * @returns must be called when the run has ended by itself.
 */
export function supersede(request: DataQueryRequest<MqttQuery>, uid: string, end: () => void): () => void {
  const panel = panelOf(request);
  if (panel === undefined) {
    return () => undefined;
  }
  const byUid = running.get(panel) ?? new Map<string, Running>();
  running.set(panel, byUid);
  const earlier = byUid.get(uid);
  const own: Running = { requestId: request.requestId, end };
  byUid.set(uid, own);
  if (earlier !== undefined && earlier.requestId !== request.requestId) {
    earlier.end();
  }
  return () => {
    if (byUid.get(uid) === own) {
      byUid.delete(uid);
    }
  };
}

/** The scene object of a dashboard's panel. Explore and the old dashboards have none, and not this bug either. */
function panelOf(request: DataQueryRequest<MqttQuery>): object | undefined {
  const value: unknown = request.scopedVars?.['__sceneObject']?.value;
  const panel: unknown = value?.valueOf();
  return isObject(panel) ? panel : undefined;
}
