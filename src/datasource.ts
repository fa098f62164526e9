import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  LoadingState,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data';
import { config, getDataSourceSrv, getTemplateSrv } from '@grafana/runtime';
import { delay, type Observable, of } from 'rxjs';
import { fetchToken, loginPing, probe } from './connection/backend';
import type { ConnectionOptions } from './engine';
import type { PageServices } from './connection/page-services';
import type { ExplorerClient } from './connection/explorer-client';
import { credentialProvider } from './connection/credential-provider';
import { type BrowserEnvironment, diagnose } from './connection/diagnose';
import {
  createExplorer,
  isEdited,
  openEditor,
  pageVisibility,
  pool,
  viewers,
  violations,
  watchPage,
} from './connection/runtime';
import { loadPart } from './connection/load-part';
import type { PoolLimits } from './connection/pool-limits';
import { run } from './query/run';
import type { RunDeps } from './query/run-deps';
import {
  authOf,
  connectionOptions,
  discoveryPrefix,
  homieBase,
  poolLimits,
  queryLimits,
  topicRoot,
} from './connection/settings';
import { recordingOf } from './connection/recording';
import { TokenSource } from './connection/token';
import type { CredentialsPrompt } from './connection/viewer-credentials';
import type { DataSourceFinder } from './history/backfill-result';
import { type ParsedQuery, parseQuery } from './query/parse-query';
import { startVariableOptions } from './query/variable-part';
import type * as healthCheck from './query/health-check';
import { expandVariables, type Replace, shareless, TopicError } from './topics';
import { DEFAULT_QUERY, type MqttOptions, type MqttQuery } from './types';
import { toError } from './utils/errors';
import { showModal } from './show-modal';
import { isInteractive, SignInQueue } from './sign-in';
import { TopicVariables } from './variables';
import { credentialsKey, pageAddress, promptFor, setTestAnswer } from './viewer-data';

/** The file of the part; the build knows its name, and tests import the module. */
declare const HEALTH_CHECK_PART: string;

const loadHealthCheck = (): Promise<typeof healthCheck> =>
  typeof HEALTH_CHECK_PART === 'undefined' ? import('./query/health-check') : loadPart(HEALTH_CHECK_PART);

/** The error on a public dashboard: each connection would give the broker's address to a stranger. */
const PUBLIC_DASHBOARD =
  'MQTT Stream does not run on public dashboards: each visitor would connect to the broker from their own browser. Share the dashboard with signed-in viewers instead.';

/** Other data sources, for queries that name one. */
const dataSources: DataSourceFinder = {
  get: (ref, scopedVars) => getDataSourceSrv().get(ref, scopedVars),
  isOwn: (source) => source instanceof MqttDataSource,
};

/** The dialogs of this page. */
const signIns = new SignInQueue(showModal, () => isInteractive(location.search));

/** Grafana's contract with a data source. The work is done in `query` and `connection`. */
export class MqttDataSource extends DataSourceApi<MqttQuery, MqttOptions> {
  /** For the form in which each viewer enters a user name and password. Undefined if the settings ask for none. */
  readonly prompt: CredentialsPrompt | undefined;
  readonly #settings: DataSourceInstanceSettings<MqttOptions>;

  constructor(settings: DataSourceInstanceSettings<MqttOptions>) {
    super(settings);
    this.#settings = settings;
    this.prompt = authOf(settings.jsonData) === 'viewer' ? promptFor(settings) : undefined;
    this.annotations = {};
    this.variables = new TopicVariables((request) => this.#respond(request, startVariableOptions));
  }

  override query(request: DataQueryRequest<MqttQuery>): Observable<DataQueryResponse> {
    return this.#respond(request, run);
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    const { status, message, ...more } = await this.#test();
    // Grafana shows it at the end of a long page, and the URL that it is about is at the beginning.
    setTestAnswer(this.uid, { status, message });
    return { status, message, ...more };
  }

  async #test(): Promise<TestDataSourceResponse> {
    const problem = this.#problem();
    if (problem !== undefined) {
      return { status: 'error', message: problem };
    }
    const { access } = this.#settings;
    const part = await loadHealthCheck().catch(toError);
    if (part instanceof Error) {
      return {
        status: 'error',
        message: `The browser did not load the health check: ${part.message} Reload the page.`,
      };
    }
    const { options, limits, services } = this.#connection();
    const result = await part.healthCheck(pool.createEphemeral(options, limits, services), {
      topicRoot: topicRoot(this.#settings),
      access,
      discovery: discoveryPrefix(this.#settings),
      homie: homieBase(this.#settings),
    });
    // Open panels are connected with the settings from before.
    pool.reconnect(this.uid, { force: true });
    return result;
  }

  /** To be called when a query editor opens. @returns what is to be called when the editor closes. */
  openEditor(): () => void {
    return openEditor(this.uid);
  }

  /**
   * Looks at the topics below the topic tree root, for a query editor.
   *
   * @param Explorer the class, which is a part of the query editor.
   * @returns undefined if the data source cannot connect; running a query shows why.
   */
  explore(Explorer: typeof ExplorerClient): ExplorerClient | undefined {
    if (this.#problem() !== undefined) {
      return undefined;
    }
    const { options, services } = this.#connection();
    return createExplorer(Explorer, options, { filters: [topicRoot(this.#settings)], qos: 0 }, services);
  }

  /**
   * The messages of a query as they come, for a query editor.
   *
   * @param Explorer the class, which is a part of the query editor.
   * @returns undefined if the query is not valid or the data source cannot connect; running the query shows why.
   */
  inspect(query: MqttQuery, Explorer: typeof ExplorerClient): ExplorerClient | undefined {
    const parsed = tryParse(query, replaceWith({}));
    if (parsed === undefined || this.#problem() !== undefined) {
      return undefined;
    }
    const { options, services } = this.#connection();
    const { format = 'auto', formatOptions } = query;
    const { filters, qos, rows, pivot } = parsed.spec;
    return createExplorer(
      Explorer,
      options,
      {
        // A member of a shared subscription would take messages away from the others.
        filters: [...new Set(filters.map(shareless))],
        qos,
        read: {
          format,
          ...(formatOptions === undefined ? undefined : { formatOptions }),
          ...(rows === undefined ? undefined : { rows }),
          ...(pivot === undefined ? undefined : { pivot }),
        },
      },
      services
    );
  }

  override filterQuery(query: MqttQuery): boolean {
    // As in other data sources, a query that is not written yet is skipped without a word; its editor has hints.
    // A topic in the JSON of a dashboard that is no text passes: running the query names it.
    return query.hide !== true && topicText(query).trim() !== '';
  }

  override getDefaultQuery(_app: CoreApp): Partial<MqttQuery> {
    return DEFAULT_QUERY;
  }

  override getQueryDisplayText(query: MqttQuery): string {
    const { shape } = query;
    // JSON that was written by hand may hold anything; running the query names what is wrong.
    const fields: ReadonlyArray<Partial<NonNullable<MqttQuery['fields']>[number]> | null> = Array.isArray(query.fields)
      ? query.fields
      : [];
    const topics = topicText(query)
      .trim()
      .replace(/\s*\n\s*/g, ', ');
    const names = fields.map((field) => field?.name ?? field?.path);
    return [topics, names.filter(Boolean).join(', '), shape].filter(Boolean).join(' · ');
  }

  override interpolateVariablesInQueries(queries: MqttQuery[], scopedVars: ScopedVars): MqttQuery[] {
    return queries.map((query) => {
      try {
        return { ...query, topic: expandVariables(query.topic ?? '', replaceWith(scopedVars)) };
      } catch (error) {
        if (error instanceof TopicError || typeof query.topic !== 'string') {
          return query; // running the query shows the error
        }
        throw error;
      }
    });
  }

  #respond(
    request: DataQueryRequest<MqttQuery>,
    start: (request: DataQueryRequest<MqttQuery>, deps: RunDeps) => Observable<DataQueryResponse>
  ): Observable<DataQueryResponse> {
    const problem = this.#problem();
    if (problem !== undefined) {
      const errors = request.targets.map(({ refId }) => ({ refId, message: problem }));
      // Core loses what is emitted inside subscribe.
      return of({ data: [], state: LoadingState.Error, errors, error: errors[0] }).pipe(delay(0));
    }
    // In Grafana 12, `app` is a dashboard even for the panel that is being edited.
    const isEdit = (): boolean =>
      request.app === CoreApp.Explore || request.app === CoreApp.PanelEditor || isEdited(this.uid);
    return start(request, {
      uid: this.uid,
      connect: () => {
        const { options, limits, services } = this.#connection();
        return pool.get(this.uid, options, limits, services);
      },
      replace: replaceWith(request.scopedVars),
      now: () => Date.now(),
      visibility: pageVisibility,
      editing: isEdit,
      onCredentialsMissing: () => {
        // Editors have the form themselves.
        if (!isEdit()) {
          this.#requestSignIn();
        }
      },
      topicRoot: topicRoot(this.#settings),
      limits: queryLimits(this.#settings),
      discovery: discoveryPrefix(this.#settings),
      homie: homieBase(this.#settings),
      dataSources,
    });
  }

  #requestSignIn(): void {
    if (this.prompt !== undefined && this.prompt.state().credentials === undefined) {
      signIns.request({ key: this.prompt.key, name: this.name, prompt: this.prompt });
    }
  }

  /** The options, limits and services of a connection. */
  #connection(): { options: ConnectionOptions; limits: PoolLimits; services: PageServices } {
    watchPage();
    const settings = this.#settings;
    const { tokenUrl, username } = settings.jsonData;
    const options = connectionOptions(settings, pageAddress());
    const route = { url: options.url, access: settings.access === 'proxy' ? 'proxy' : 'direct' } as const;
    const environment = browserEnvironment();
    const services: PageServices = {
      credentials: credentialProvider(settings, {
        viewers,
        viewerKey: credentialsKey(settings, options.url),
        token: new TokenSource(username, { fetch: () => fetchToken(this.uid, tokenUrl) }),
      }),
      diagnose: (error) => diagnose(error, route, environment),
    };
    const limits = { ...poolLimits(settings), recording: recordingOf(settings, options, viewer()) };
    return { options, limits, services };
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

/** The user of Grafana. What the browser stores for one user, others must not see. */
function viewer(): string {
  const user = config.bootData?.user;
  return `${String(user?.orgId ?? '')}/${String(user?.id ?? '')}`;
}

function browserEnvironment(): BrowserEnvironment {
  return { address: pageAddress(), violations, offline: () => !navigator.onLine, ping: loginPing, probe };
}

function replaceWith(scopedVars: ScopedVars): Replace {
  return (text, format) => getTemplateSrv().replace(text, scopedVars, format);
}

function tryParse(query: MqttQuery, replace: Replace): ParsedQuery | undefined {
  try {
    return parseQuery(query, replace);
  } catch {
    return undefined;
  }
}

/** The topic, as text also if JSON that was written by hand has something else there. */
function topicText(query: MqttQuery): string {
  const topic: unknown = query.topic ?? '';
  return typeof topic === 'string' ? topic : JSON.stringify(topic);
}
