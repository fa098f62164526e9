import {
  type CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  LoadingState,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data';
import { config, getTemplateSrv } from '@grafana/runtime';
import { delay, type Observable, of } from 'rxjs';
import { type LiveConnection } from './live/connection';
import { pageVisibility, pool } from './live/page';
import { run, type RunDeps } from './live/run';
import { connectionOptions, limitsOf } from './live/settings';
import { variableOptions } from './live/variable-options';
import { verdictOf } from './live/verdict';
import { expandVariables, type Replace, TopicError } from './topics';
import { DEFAULT_QUERY, type MqttOptions, type MqttQuery } from './types';
import { TopicVariables } from './variables';

/** What a visitor of a public dashboard is told: every connection would hand the broker's address to a stranger. */
const PUBLIC_DASHBOARD =
  'MQTT Stream does not run on public dashboards: each visitor would connect to the broker from their own browser. Share the dashboard with signed-in viewers instead.';

/** Grafana's contract with a data source; what it does is in `live`. */
export class MqttDataSource extends DataSourceApi<MqttQuery, MqttOptions> {
  readonly #settings: DataSourceInstanceSettings<MqttOptions>;

  constructor(settings: DataSourceInstanceSettings<MqttOptions>) {
    super(settings);
    this.#settings = settings;
    this.annotations = {};
    this.variables = new TopicVariables((request) => this.#answer(request, variableOptions));
  }

  override query(request: DataQueryRequest<MqttQuery>): Observable<DataQueryResponse> {
    return this.#answer(request, run);
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    const problem = this.#problem();
    return problem === undefined ? verdictOf(this.#connect()) : { status: 'error', message: problem };
  }

  override filterQuery(query: MqttQuery): boolean {
    // A query without a topic is let through: it gets a message, where leaving it out would say nothing.
    return query.hide !== true;
  }

  override getDefaultQuery(_app: CoreApp): Partial<MqttQuery> {
    return DEFAULT_QUERY;
  }

  override getQueryDisplayText(query: MqttQuery): string {
    return query.topic ?? '';
  }

  override interpolateVariablesInQueries(queries: MqttQuery[], scopedVars: ScopedVars): MqttQuery[] {
    return queries.map((query) => {
      try {
        return { ...query, topic: expandVariables(query.topic ?? '', replaceWith(scopedVars)) };
      } catch (error) {
        if (error instanceof TopicError) {
          return query; // the query itself will say what is wrong
        }
        throw error;
      }
    });
  }

  #answer(
    request: DataQueryRequest<MqttQuery>,
    answer: (request: DataQueryRequest<MqttQuery>, deps: RunDeps) => Observable<DataQueryResponse>
  ): Observable<DataQueryResponse> {
    const problem = this.#problem();
    if (problem !== undefined) {
      const errors = request.targets.map(({ refId }) => ({ refId, message: problem }));
      // Later, not now: core loses what is emitted inside subscribe.
      return of({ data: [], state: LoadingState.Error, errors, error: errors[0] }).pipe(delay(0));
    }
    return answer(request, {
      uid: this.uid,
      connect: () => this.#connect(),
      replace: replaceWith(request.scopedVars),
      now: () => Date.now(),
      page: pageVisibility,
    });
  }

  #connect(): LiveConnection {
    const page = { protocol: location.protocol, host: location.host, appSubUrl: config.appSubUrl ?? '' };
    return pool.get(this.uid, connectionOptions(this.#settings, page), limitsOf(this.#settings));
  }

  #problem(): string | undefined {
    if (config.publicDashboardAccessToken !== undefined && config.publicDashboardAccessToken !== '') {
      return PUBLIC_DASHBOARD;
    }
    return (this.#settings.url ?? '').trim() === ''
      ? `The data source "${this.name}" has no broker URL. Enter one in its settings, for example wss://broker.example.com:8084/mqtt.`
      : undefined;
  }
}

function replaceWith(scopedVars: ScopedVars): Replace {
  return (text, format) => getTemplateSrv().replace(text, scopedVars, format);
}
