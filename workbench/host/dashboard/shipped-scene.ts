import { CoreApp, type DataQuery, VariableRefresh } from '@grafana/data';
import {
  dataLayers,
  QueryVariable,
  SceneDataLayerSet,
  SceneTimeRange,
  type SceneVariable,
  SceneVariableSet,
  TextBoxVariable,
  VariableValueSelectors,
  VizPanel,
} from '@grafana/scenes';

import { OWN_UID } from '../data-sources';
import { queryRunner } from '../scenes/query-runner';
import { RootScene, type RootState } from '../scenes/root';
import {
  type AnnotationJson,
  type DashboardJson,
  type GridPosition,
  panelsOf,
  type PlacedPanel,
  type VariableJson,
} from './dashboard-json';

interface State extends RootState {
  panels: VizPanel[];
  /** The place of each panel. */
  places: Array<GridPosition & { height: number }>;
  /** Undefined if the dashboard has no variables that people choose. */
  variables?: VariableValueSelectors;
}

const DATA_SOURCE = { type: 'mqttstream', uid: OWN_UID };

/** A dashboard from its JSON. The variable of the data source is left out: there is only the workbench's. */
export class ShippedScene extends RootScene<State> {
  constructor(json: DashboardJson) {
    const panels = panelsOf(json);
    const variables = json.templating.list.flatMap(variableOf);
    super({
      app: CoreApp.Dashboard,
      panels: panels.map((panel) => vizPanel(panel)),
      places: panels.map(({ place, height }) => ({ ...place, height })),
      $variables: new SceneVariableSet({ variables }),
      $data: new SceneDataLayerSet({ layers: json.annotations.list.flatMap(layerOf) }),
      variables: variables.length > 0 ? new VariableValueSelectors({}) : undefined,
    });
    this.setState({ $timeRange: new SceneTimeRange({ ...json.time, timeZone: 'browser' }) });
  }
}

function variableOf({ type, name, label, query, multi, current }: VariableJson): SceneVariable[] {
  switch (type) {
    case 'datasource':
      return [];
    case 'textbox':
      return [new TextBoxVariable({ name, label, value: String(query) })];
    case 'query': {
      const { value, text } = { value: '', text: '', ...current };
      const target = { ...(query as DataQuery), datasource: undefined };
      return [
        new QueryVariable({
          name,
          label,
          value,
          text,
          query: target,
          datasource: DATA_SOURCE,
          refresh: VariableRefresh.onDashboardLoad,
          isMulti: multi,
        }),
      ];
    }
  }
}

function layerOf({ name, enable = true, iconColor, target }: AnnotationJson): dataLayers.AnnotationsDataLayer[] {
  if (target?.refId === undefined) {
    return []; // Grafana's own annotations
  }
  const query = { name, enable, iconColor, datasource: DATA_SOURCE, target };
  return [new dataLayers.AnnotationsDataLayer({ name, query })];
}

function vizPanel({ id, type, title, description, fieldConfig, queries, options }: PlacedPanel): VizPanel {
  return new VizPanel({
    key: `panel-${id}`,
    pluginId: type,
    title,
    description,
    fieldConfig,
    options,
    $data: queryRunner(queries),
    // With it, the header shows errors and notices, each with its severity.
    extendPanelContext: (panel, context) => {
      context.onOpenInspector = () => panel.onStatusMessageClick();
    },
  });
}
