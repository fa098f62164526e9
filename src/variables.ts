import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
} from '@grafana/data';
import type { Observable } from 'rxjs';
import { QueryEditor } from './editors';
import { DEFAULT_QUERY, type MqttOptions, type MqttQuery } from './types';

/** Query variables: the values of a named level, or topics. The editor is the query editor. */
export class TopicVariables extends CustomVariableSupport<DataSourceApi<MqttQuery, MqttOptions>, MqttQuery> {
  readonly editor = QueryEditor as CustomVariableSupport<DataSourceApi<MqttQuery, MqttOptions>, MqttQuery>['editor'];
  readonly query: (request: DataQueryRequest<MqttQuery>) => Observable<DataQueryResponse>;

  constructor(query: (request: DataQueryRequest<MqttQuery>) => Observable<DataQueryResponse>) {
    super();
    this.query = query;
  }

  override getDefaultQuery(): Partial<MqttQuery> {
    return DEFAULT_QUERY;
  }
}
