import type { DataQueryRequest } from '@grafana/data';
import type { MqttQuery } from '../types';
import { getOrSet } from '../utils/get-or-set';
import { queryRunnerOf } from './query-runner';

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
  const panel = queryRunnerOf(request);
  if (panel === undefined) {
    return () => undefined;
  }
  const byUid = getOrSet(running, panel, () => new Map<string, Running>());
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
