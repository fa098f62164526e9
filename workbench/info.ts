/** What `/workbench.json` tells the page: where the broker listens and what the demo sensors publish. */
export interface WorkbenchInfo {
  pluginId: string;
  broker?: { tcp: string; ws: string };
  topics: string[];
}
