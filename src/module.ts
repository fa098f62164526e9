import { DataSourcePlugin } from '@grafana/data';
import { handOver } from './connection/load-part';
import { startEarly } from './connection/runtime';
import { MqttDataSource } from './datasource';
import { ConfigEditor, QueryEditor, QueryEditorHelp } from './editors';
import * as frames from './frames';
import type { MqttOptions, MqttQuery } from './types';
import * as migrate from './migrate';
import * as viewerData from './viewer-data';

startEarly();

// As in HANDED_TO_PARTS of esbuild.config.mjs.
handOver({ 'src/frames/index.ts': frames, 'src/migrate.ts': migrate, 'src/viewer-data.ts': viewerData });

export const plugin = new DataSourcePlugin<MqttDataSource, MqttQuery, MqttOptions>(MqttDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryEditorHelp);
