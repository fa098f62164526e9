import {
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  FieldType,
  LoadingState,
} from '@grafana/data';
import { defer, finalize, from, map, type Observable } from 'rxjs';

/** A query in InfluxQL, with the names that Grafana's InfluxDB data source has for it. */
export interface InfluxQuery extends DataQuery {
  rawQuery?: boolean;
  query?: string;
  /** Name of the series: `$tag_room`. Default: measurement, column and tags. */
  alias?: string;
}

export interface InfluxOptions extends DataSourceJsonData {
  dbName?: string;
}

interface Series {
  name: string;
  tags?: Record<string, string>;
  columns: string[];
  values: Array<Array<number | string | boolean | null>>;
}

interface InfluxResponse {
  error?: string;
  /** The error of a proxy that does not reach InfluxDB. */
  message?: string;
  results?: Array<{ error?: string; series?: Series[] }>;
}

/** Fetches JSON, whatever the status. */
export type FetchJson = (url: string, signal: AbortSignal) => Promise<unknown>;

/**
 * InfluxDB 1.x over its HTTP API, with the frames of Grafana's InfluxDB data source
 * (`pkg/tsdb/influxdb/influxql/converter`): one frame per series and column, with the tags as labels. Grafana's own is
 * part of its core, with its server half, and in no package.
 */
export class InfluxDataSource implements Pick<DataSourceApi<InfluxQuery, InfluxOptions>, 'query' | 'name' | 'uid'> {
  readonly name: string;
  readonly uid: string;
  readonly type = 'influxdb';
  readonly meta: DataSourceInstanceSettings['meta'];
  readonly #url: string;
  readonly #database: string;
  readonly #fetch: FetchJson;
  readonly #replace: (text: string, request: DataQueryRequest<InfluxQuery>) => string;

  /** @param replace replaces the variables of the dashboard. */
  constructor(
    settings: DataSourceInstanceSettings<InfluxOptions>,
    fetchJson: FetchJson,
    replace: (text: string, request: DataQueryRequest<InfluxQuery>) => string = (text) => text
  ) {
    this.name = settings.name;
    this.uid = settings.uid;
    this.meta = settings.meta;
    this.#url = settings.url ?? '';
    this.#database = settings.jsonData.dbName ?? '';
    this.#fetch = fetchJson;
    this.#replace = replace;
  }

  getDefaultQuery(): Partial<InfluxQuery> {
    return {
      rawQuery: true,
      query: 'SELECT mean("value") FROM "mqtt" WHERE $timeFilter GROUP BY time($__interval), "topic" fill(none)',
    };
  }

  query(request: DataQueryRequest<InfluxQuery>): Observable<DataQueryResponse> {
    return defer(() => {
      const abort = new AbortController();
      const all = Promise.all(request.targets.map((target) => this.#frames(target, request, abort.signal)));
      return from(all).pipe(
        map((frames) => ({ data: frames.flat(), state: LoadingState.Done })),
        finalize(() => abort.abort())
      );
    });
  }

  async #frames(
    target: InfluxQuery,
    request: DataQueryRequest<InfluxQuery>,
    signal: AbortSignal
  ): Promise<DataFrame[]> {
    const { range, intervalMs } = request;
    const text = (target.query ?? '')
      .replaceAll('$timeFilter', `time >= ${range.from.valueOf()}ms and time <= ${range.to.valueOf()}ms`)
      .replaceAll(/\$__interval\b|\$\{__interval\}/g, `${Math.max(1, Math.round(intervalMs))}ms`);
    const search = new URLSearchParams({ db: this.#database, epoch: 'ms', q: this.#replace(text, request) });
    const response = (await this.#fetch(`${this.#url}/query?${search.toString()}`, signal)) as InfluxResponse | null;
    const results = response?.results;
    const error = response?.error ?? results?.find((result) => result.error !== undefined)?.error;
    if (error !== undefined || results === undefined) {
      throw new Error(`InfluxDB returned error: ${error ?? response?.message ?? 'no results'}`);
    }
    const series = results.flatMap((result) => result.series ?? []);
    return series.flatMap((each) => framesOf(each, target));
  }
}

function framesOf({ name, tags, columns, values }: Series, { refId, alias = '' }: InfluxQuery): DataFrame[] {
  const times = values.map(([time]) => time);
  return columns.slice(1).map((column, i): DataFrame => {
    const cells = values.map((row) => row[i + 1]);
    const labels = Object.entries(tags ?? {}).map(([key, value]) => `${key}: ${value}`);
    const automatic = `${name}.${column}${labels.length > 0 ? ` { ${labels.join(', ')} }` : ''}`;
    const title = alias === '' ? automatic : alias.replaceAll(/\$tag_(\w+)/g, (all, tag: string) => tags?.[tag] ?? all);
    const known = cells.find((cell) => cell !== null);
    const type =
      typeof known === 'string' ? FieldType.string : typeof known === 'boolean' ? FieldType.boolean : FieldType.number;
    return {
      refId,
      name: title,
      fields: [
        { name: 'Time', type: FieldType.time, config: {}, values: times },
        { name: 'Value', type, config: { displayNameFromDS: title }, ...(tags && { labels: tags }), values: cells },
      ],
      length: values.length,
    };
  });
}
