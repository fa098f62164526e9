import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';

import { useRootState } from '../scenes/root';
import { SceneView } from '../scenes/scene-view';
import { useDashboardScene } from '../scenes/use-dashboard-scene';
import { Section } from '../section';
import { TimeControls } from '../time-controls';
import { useWorkbench } from '../workbench-context';
import type { DashboardJson } from './dashboard-json';
import { DashboardPicker } from './dashboard-picker';
import { ShippedScene } from './shipped-scene';

/** A dashboard that the plugin ships (`includes` in plugin.json), from the JSON that Grafana imports. */
export function ShippedDashboard({ name }: { name: string }): React.JSX.Element | null {
  const { baseUrl } = useWorkbench().dataSources.meta;
  const [json, setJson] = useState<DashboardJson>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    fetchDashboard(`${baseUrl}dashboards/${encodeURIComponent(name)}.json`).then(setJson, setError);
  }, [baseUrl, name]);
  if (error !== undefined) {
    throw error; // to the error boundary of the page
  }
  return json === undefined ? null : <Loaded json={json} />;
}

async function fetchDashboard(url: string): Promise<DashboardJson> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`The plugin has no dashboard ${url} (${response.status}). plugin.json lists those that it has.`);
  }
  return response.json();
}

function Loaded({ json }: { json: DashboardJson }): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { health } = useWorkbench();
  const [scene] = useState(() => new ShippedScene(json));
  useDashboardScene(scene, health);
  useRootState(scene);
  const { panels, places, variables } = scene.state;
  return (
    <Section
      id="dashboard"
      title={json.title}
      subtitle={json.description ?? ''}
      controls={
        <>
          <DashboardPicker />
          {variables && <SceneView model={variables} />}
          <TimeControls scene={scene} />
        </>
      }
    >
      <div className={styles.grid}>
        {panels.map((panel, index) => {
          const { x, y, w, h, height } = places[index];
          const style = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, height };
          return (
            <div key={panel.state.key} className={styles.cell} style={style}>
              <SceneView model={panel} />
            </div>
          );
        })}
      </div>
    </Section>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    // Below `md`, one panel after the other, as in Grafana.
    grid: css({
      display: 'grid',
      gap: theme.spacing(1),
      gridTemplateColumns: 'repeat(24, minmax(0, 1fr))',
      gridAutoRows: 30,
      [theme.breakpoints.down('md')]: { gridTemplateColumns: 'minmax(0, 1fr)', gridAutoRows: 'auto' },
    }),
    cell: css({
      minWidth: 0,
      [theme.breakpoints.down('md')]: { gridColumn: '1 !important', gridRow: 'auto !important' },
    }),
  };
}
