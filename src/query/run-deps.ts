import type { ConnectionClient } from '../connection/client';
import type { PageVisibility } from '../connection/runtime';
import type { QueryLimits } from '../connection/settings';
import type { DataSourceFinder } from '../history/backfill-result';
import type { Replace } from '../topics';
import type { DiscoveryTopics } from './announced-metadata';

/** Services of Grafana and of the page that a run uses. */
export interface RunDeps extends DiscoveryTopics {
  /** The data source's uid. */
  readonly uid: string;
  connect(): ConnectionClient;
  readonly replace: Replace;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly visibility: PageVisibility;
  /** The data source's limits. Default: only the queries' own. */
  readonly limits?: QueryLimits;
  /** Whether somebody is editing these queries, so that suggestions are worth their cost. Default: nobody. */
  editing?(): boolean;
  /** Called when the connection may wait for the viewer to enter credentials; may be called often. */
  onCredentialsMissing?(): void;
  /** See `topicRoot`. Default `#`. */
  readonly topicRoot?: string;
  /** Other data sources, which queries may name for older rows. Default: none. */
  readonly dataSources?: DataSourceFinder;
}
