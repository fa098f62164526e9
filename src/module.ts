import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './config/ConfigEditor';
import { MqttDataSource } from './datasource';
import { QueryEditor } from './editor/QueryEditor';
import { QueryEditorHelp } from './editor/QueryEditorHelp';
import type { MqttOptions, MqttQuery } from './types';

export const plugin = new DataSourcePlugin<MqttDataSource, MqttQuery, MqttOptions>(MqttDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryEditorHelp);
