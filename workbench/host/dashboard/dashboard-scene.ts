import { CoreApp, VariableRefresh } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import {
  dataLayers,
  QueryVariable,
  SceneDataLayerSet,
  SceneVariableSet,
  VariableValueSelectors,
} from '@grafana/scenes';

import type { MqttQuery } from '../../../src/types';
import { OWN_UID } from '../data-sources';
import { RootScene, type RootState } from '../scenes/root';
import { changesOf, newPanel, nextId, type PanelChange, withChanges } from './panel-changes';
import { PanelItem } from './panel-item';
import { type PanelDefinition, PANELS, plotsOf } from './panels';

interface State extends RootState {
  panels: PanelItem[];
  /** The panel that is edited; the others are left meanwhile, as in Grafana. */
  editing?: PanelItem;
  variables?: VariableValueSelectors;
}

const DATA_SOURCE = { type: 'mqttstream', uid: OWN_UID };

/** The dashboard: panels, a variable and annotations, on Grafana's own scenes. */
export class DashboardScene extends RootScene<State> {
  readonly #base: readonly PanelDefinition[];

  constructor({ plots, panels }: { plots: string[]; panels: PanelChange[] }) {
    const demo = plots.length === 0;
    super({
      app: CoreApp.Dashboard,
      panels: [],
      ...(demo && { $variables: room(), $data: doorEvents(), variables: new VariableValueSelectors({}) }),
    });
    this.#base = demo ? PANELS : plotsOf(plots);
    this.setState({ panels: withChanges(this.#base, panels).map((panel) => this.#item(panel)) });
  }

  readonly edit = (panel: PanelItem | undefined): void => this.setState({ editing: panel });

  readonly add = (): void => {
    const { panels } = this.state;
    const definitions = panels.map(({ state }) => state.definition);
    const item = this.#item(newPanel(nextId(this.#base, definitions)));
    this.setState({ panels: [...panels, item], editing: item });
    this.save();
  };

  readonly remove = (panel: PanelItem | undefined): void => {
    this.setState({ panels: this.state.panels.filter((each) => each !== panel), editing: undefined });
    this.save();
  };

  /** Writes the changed panels into the address. */
  save(): void {
    const definitions = this.state.panels.map(({ state }) => state.definition);
    const changes = changesOf(this.#base, definitions).map((change) => JSON.stringify(change));
    locationService.partial({ panel: changes.length > 0 ? changes : null }, true);
  }

  #item(definition: PanelDefinition): PanelItem {
    return new PanelItem(definition, {
      onEdit: (id) => this.edit(this.#find(id)),
      onRemove: (id) => this.remove(this.#find(id)),
    });
  }

  #find(id: number): PanelItem | undefined {
    return this.state.panels.find(({ state }) => state.definition.id === id);
  }
}

/** A variable with the rooms that publish a humidity. */
function room(): SceneVariableSet {
  return new SceneVariableSet({
    variables: [
      new QueryVariable({
        name: 'room',
        label: 'Room',
        datasource: DATA_SOURCE,
        query: { refId: 'rooms', topic: 'home/{room}/humidity' } satisfies MqttQuery,
        refresh: VariableRefresh.onDashboardLoad,
        isMulti: true,
        includeAll: true,
        value: ['kitchen', 'bedroom'],
        text: ['kitchen', 'bedroom'],
      }),
    ],
  });
}

/** The door of the hallway as annotations of all time series. */
function doorEvents(): SceneDataLayerSet {
  const target: MqttQuery = { refId: 'Anno', topic: 'home/hallway/door', shape: 'annotations' };
  return new SceneDataLayerSet({
    layers: [
      new dataLayers.AnnotationsDataLayer({
        name: 'Door',
        query: { name: 'Door', enable: true, iconColor: 'orange', datasource: DATA_SOURCE, target },
      }),
    ],
  });
}
