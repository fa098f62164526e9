/** The contents of `/workbench.json`: the addresses of the broker, and the topics of the demo sensors. */
export interface WorkbenchInfo {
  pluginId: string;
  broker?: { tcp: string; ws: string };
  topics: string[];
}
