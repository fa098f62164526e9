/** The contents of `/workbench.json`: addresses, and the topics of the demo sensors. */
export interface WorkbenchInfo {
  pluginId: string;
  broker?: { tcp: string; ws: string };
  topics: string[];
  /** A data source next to the plugin's: its uid, and the database that has the sensors' messages. */
  influxdb?: { uid: string; database: string };
}
