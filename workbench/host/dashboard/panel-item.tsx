import type { VariableValueOption } from '@grafana/scenes';
import {
  LocalValueVariable,
  SceneByVariableRepeater,
  type SceneComponentProps,
  SceneCSSGridLayout,
  sceneGraph,
  SceneObjectBase,
  type SceneObjectState,
  type SceneQueryRunner,
  SceneVariableSet,
  useSceneObjectState,
  VizPanel,
  VizPanelMenu,
} from '@grafana/scenes';

import { queryRunner, sourceOf } from '../scenes/query-runner';
import { SceneView } from '../scenes/scene-view';
import type { PanelDefinition } from './panels';

interface State extends SceneObjectState {
  definition: PanelDefinition;
  body: VizPanel | SceneByVariableRepeater;
}

interface Actions {
  onEdit: (id: number) => void;
  onRemove: (id: number) => void;
}

/** A panel of the dashboard, once or for each value of a variable, in its area of the grid. */
export class PanelItem extends SceneObjectBase<State> {
  readonly #actions: Actions;

  static Component = PanelItemView;

  constructor(definition: PanelDefinition, actions: Actions) {
    super({ key: `item-${definition.id}`, definition, body: bodyOf(definition, actions) });
    this.#actions = actions;
  }

  /** Takes over an edit. Queries run again only if they, or where they go, have changed. */
  edit(definition: PanelDefinition): void {
    const before = this.state.definition;
    const { body } = this.state;
    if (body instanceof SceneByVariableRepeater) {
      this.setState({ definition, body: bodyOf(definition, this.#actions) });
      return;
    }
    this.setState({ definition });
    body.setState({ title: definition.title });
    if (definition.fieldConfig !== before.fieldConfig) {
      body.onFieldConfigChange(definition.fieldConfig, true);
    }
    if (definition.legend !== before.legend) {
      body.onOptionsChange({ legend: definition.legend });
    }
    if (definition.type !== before.type) {
      void body.changePluginType(definition.type, optionsOf(definition), definition.fieldConfig);
    }
    const { queries, mixed } = definition;
    if (queries !== before.queries || mixed !== before.mixed) {
      const runner = sceneGraph.getData(body) as SceneQueryRunner;
      runner.setState({ queries, datasource: sourceOf(mixed === true) });
      runner.runQueries();
    }
  }
}

function bodyOf(definition: PanelDefinition, actions: Actions): VizPanel | SceneByVariableRepeater {
  const { repeat, height } = definition;
  if (repeat === undefined) {
    return vizPanel(definition, `panel-${definition.id}`, actions);
  }
  return new SceneByVariableRepeater({
    variableName: repeat,
    body: new SceneCSSGridLayout({
      autoRows: `${height}px`,
      templateColumns: 'repeat(auto-fit, minmax(min(280px, 100%), 1fr))',
      children: [],
    }),
    getLayoutChild: ({ value, label }: VariableValueOption) => {
      const panel = vizPanel(definition, `panel-${definition.id}-${label}`, actions);
      panel.setState({
        $variables: new SceneVariableSet({ variables: [new LocalValueVariable({ name: repeat, value, text: label })] }),
      });
      return panel;
    },
  });
}

function vizPanel(definition: PanelDefinition, key: string, { onEdit, onRemove }: Actions): VizPanel {
  const { id, title, description, type, fieldConfig, queries, mixed } = definition;
  return new VizPanel({
    key,
    pluginId: type,
    title,
    description,
    fieldConfig,
    options: optionsOf(definition),
    $data: queryRunner(queries, { mixed }),
    menu: new VizPanelMenu({
      items: [
        { text: 'Edit', iconClassName: 'edit', onClick: () => onEdit(id) },
        { text: 'Remove', iconClassName: 'trash-alt', onClick: () => onRemove(id) },
      ],
    }),
    // With it, the header shows errors and notices, each with its severity.
    extendPanelContext: (panel, context) => {
      context.onOpenInspector = () => panel.onStatusMessageClick();
    },
  });
}

function optionsOf({ fields, graph, sortBy, legend }: PanelDefinition): Partial<PanelDefinition> {
  return { fields, graph, sortBy, legend };
}

function PanelItemView({ model }: SceneComponentProps<PanelItem>): React.JSX.Element {
  const { definition, body } = useSceneObjectState(model);
  // The height is fixed before there is data, so that nothing moves when data arrives; a repeater grows with its panels.
  const height = definition.repeat === undefined ? definition.height : undefined;
  return (
    <div style={{ gridArea: definition.area || undefined, minWidth: 0, height }}>
      <SceneView model={body} />
    </div>
  );
}
