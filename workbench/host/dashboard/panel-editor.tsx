import { css } from '@emotion/css';
import { CoreApp, type GrafanaTheme2 } from '@grafana/data';
import { sceneGraph, useSceneObjectState } from '@grafana/scenes';
import { Button, Field, Input, Switch, useStyles2 } from '@grafana/ui';
import { useRef } from 'react';

import type { MqttQuery } from '../../../src/types';
import { OWN_UID } from '../data-sources';
import { QueryRows } from '../explore/query-rows';
import { VisualizationPicker } from '../panels/visualization-picker';
import { SceneView } from '../scenes/scene-view';
import type { DashboardScene } from './dashboard-scene';
import { FieldOptions } from './field-options';
import type { PanelItem } from './panel-item';
import type { PanelDefinition } from './panels';

interface Props {
  scene: DashboardScene;
  panel: PanelItem;
}

/** The panel with its queries, alone on the dashboard. Each change is in the address at once. */
export function PanelEditor({ scene, panel }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { definition, body } = useSceneObjectState(panel);
  const { data } = useSceneObjectState(sceneGraph.getData(body));
  const queries = useRef(definition.queries);
  const change = (changed: Partial<PanelDefinition>) => {
    panel.edit({ ...panel.state.definition, ...changed });
    scene.save();
  };
  const run = () => change({ queries: queries.current });
  return (
    <div className={styles.editor}>
      <div style={{ height: definition.repeat === undefined ? 352 : undefined }}>
        <SceneView model={body} />
      </div>
      <div className={styles.options}>
        <Field label="Title" htmlFor="panel-title" noMargin>
          <Input
            id="panel-title"
            value={definition.title}
            onChange={(event) => change({ title: event.currentTarget.value })}
          />
        </Field>
        <Field label="Visualization" noMargin>
          <VisualizationPicker value={definition.type} onChange={(type) => change({ type })} />
        </Field>
        <Field label="Through -- Mixed --" htmlFor="panel-mixed" noMargin>
          <div className={styles.switch}>
            <Switch
              id="panel-mixed"
              value={definition.mixed === true}
              onChange={(event) => {
                const mixed = event.currentTarget.checked;
                queries.current = queries.current.map((query) => withSource(query, mixed));
                change({ mixed, queries: queries.current });
              }}
            />
          </div>
        </Field>
        <div className={styles.buttons}>
          <Button variant="destructive" fill="outline" icon="trash-alt" onClick={() => scene.remove(panel)}>
            Remove panel
          </Button>
          <Button onClick={() => scene.edit(undefined)}>Back to dashboard</Button>
        </div>
      </div>
      <FieldOptions panel={definition} onChange={change} />
      <QueryRows
        app={CoreApp.PanelEditor}
        queries={definition.queries}
        data={data}
        onChange={(changed) => {
          queries.current = changed.map((query) => withSource(query as MqttQuery, definition.mixed === true));
        }}
        onRunQueries={run}
      />
    </div>
  );
}

/** Queries of `-- Mixed --` name their data source; others have that of the panel. */
function withSource(query: MqttQuery, mixed: boolean): MqttQuery {
  return { ...query, datasource: mixed ? { uid: OWN_UID } : undefined };
}

function getStyles(theme: GrafanaTheme2) {
  return {
    editor: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
    options: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(2), alignItems: 'flex-end' }),
    switch: css({ display: 'flex', alignItems: 'center', height: theme.spacing(4) }),
    buttons: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginLeft: 'auto' }),
  };
}
