import type { DataQuery, DataSourceRef } from '@grafana/data';
import { SceneQueryRunner } from '@grafana/scenes';

import { MIXED_UID } from '../../grafana/mixed';

/** The query runner of a dashboard's panel, with the options that Grafana's dashboards give it. */
export function queryRunner(queries: DataQuery[], { mixed = false } = {}): SceneQueryRunner {
  return new SceneQueryRunner({ queries, datasource: sourceOf(mixed), maxDataPointsFromWidth: true });
}

/** Undefined: the default data source. */
export function sourceOf(mixed: boolean): DataSourceRef | undefined {
  return mixed ? { type: 'mixed', uid: MIXED_UID } : undefined;
}
