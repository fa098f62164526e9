import { DataSourcePlugin } from '@grafana/data';
import { MqttDataSource } from './datasource';
import { ConfigEditor, QueryEditor, QueryEditorHelp } from './editors';
import type { MqttOptions, MqttQuery } from './types';

export const plugin = new DataSourcePlugin<MqttDataSource, MqttQuery, MqttOptions>(MqttDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryEditorHelp);
