import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { UrlSyncManager, useSceneObjectState } from '@grafana/scenes';
import { ToolbarButton, useStyles2 } from '@grafana/ui';
import { useState } from 'react';

import { SceneView } from '../scenes/scene-view';
import { useDashboardScene } from '../scenes/use-dashboard-scene';
import { Section } from '../section';
import { TimeControls } from '../time-controls';
import { useWorkbench } from '../workbench-context';
import { DashboardPicker } from './dashboard-picker';
import { DashboardScene } from './dashboard-scene';
import { PanelEditor } from './panel-editor';
import { ShippedDashboard } from './shipped-dashboard';

/** The dashboard that the address names; else the workbench's own. */
export function Dashboard(): React.JSX.Element {
  const { dashboard } = useWorkbench().params;
  return dashboard === undefined ? <OwnDashboard /> : <ShippedDashboard name={dashboard} />;
}

function OwnDashboard(): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { params, health } = useWorkbench();
  const [scene] = useState(() => sceneInAddress(new DashboardScene(params)));
  useDashboardScene(scene, health);
  const { panels, editing, variables } = useSceneObjectState(scene);
  const plots = params.plots.length > 0;
  return (
    <Section
      id="dashboard"
      title={plots ? 'Plots' : 'House and factory'}
      subtitle={plots ? 'A panel for each topic filter' : 'Live panels with the demo sensors'}
      controls={
        <>
          {!editing && <DashboardPicker />}
          {variables && !editing && <SceneView model={variables} />}
          {!editing && (
            <ToolbarButton icon="plus" variant="canvas" aria-label="Add panel" onClick={scene.add}>
              Add panel
            </ToolbarButton>
          )}
          <TimeControls scene={scene} />
        </>
      }
    >
      {editing ? (
        <PanelEditor scene={scene} panel={editing} />
      ) : (
        <div className={plots ? styles.rows : styles.grid}>
          {panels.map((panel) => (
            <SceneView key={panel.state.key} model={panel} />
          ))}
        </div>
      )}
    </Section>
  );
}

/** Time range, refresh and variables are in the address, by scenes' own rules: `from`, `to`, `refresh`, `var-room`. */
function sceneInAddress(scene: DashboardScene): DashboardScene {
  const sync = new UrlSyncManager();
  sync.initSync(scene);
  locationService
    .getHistory()
    .listen((location: Parameters<typeof sync.handleNewLocation>[0]) => sync.handleNewLocation(location));
  return scene;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    rows: css({ display: 'grid', gap: theme.spacing(1), gridTemplateColumns: 'minmax(0, 1fr)' }),
    grid: css({
      display: 'grid',
      gap: theme.spacing(1),
      gridTemplateColumns: 'minmax(0, 1fr)',
      gridTemplateAreas: '"rooms" "power" "kitchen" "vibration" "motor" "press" "latest" "humidity" "log" "mixed"',
      [theme.breakpoints.up('md')]: {
        gridTemplateColumns: 'repeat(12, minmax(0, 1fr))',
        gridTemplateAreas: [
          row('rooms', 12),
          row('power', 6, 'kitchen', 6),
          row('vibration', 8, 'motor', 4),
          row('press', 5, 'latest', 7),
          row('humidity', 12),
          row('log', 6, 'mixed', 6),
        ].join(' '),
      },
      [theme.breakpoints.up('lg')]: {
        gridTemplateAreas: [
          row('rooms', 9, 'power', 3),
          row('rooms', 9, 'kitchen', 3),
          row('vibration', 9, 'motor', 3),
          row('press', 4, 'latest', 8),
          row('humidity', 12),
          row('log', 6, 'mixed', 6),
        ].join(' '),
      },
      // Added panels, which have no area of their own.
      gridAutoColumns: 'minmax(0, 1fr)',
      '& > *:not([style*="grid-area"])': { gridColumn: '1 / -1' },
    }),
  };
}

/** A line of a grid template: each area with its number of columns. */
function row(...areas: Array<string | number>): string {
  const cells: string[] = [];
  for (let index = 0; index < areas.length; index += 2) {
    cells.push(...Array.from({ length: Number(areas[index + 1]) }, () => String(areas[index])));
  }
  return `"${cells.join(' ')}"`;
}
