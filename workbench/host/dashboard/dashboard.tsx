import { css } from '@emotion/css';
import { CoreApp, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useState } from 'react';

import { useReportHealth } from '../health';
import { Panel } from '../panels/panel';
import { usePanelData } from '../panels/use-panel-data';
import { useWidth } from '../panels/use-size';
import { Section } from '../section';
import { evaluate } from '../time';
import { TimeControls } from '../time-controls';
import { useWorkbench } from '../workbench-context';
import { type PanelDefinition, PANELS, plotsOf } from './panels';

export function Dashboard(): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [range, setRange] = useState(() => evaluate({ from: 'now-1m', to: 'now' }));
  const [paused, setPaused] = useState(false);
  const { plots } = useWorkbench().params;
  const [panels] = useState(() => (plots.length > 0 ? plotsOf(plots) : PANELS));
  return (
    <Section
      id="dashboard"
      title={plots.length > 0 ? 'Plots' : 'House and factory'}
      subtitle={plots.length > 0 ? 'A panel for each topic filter' : 'Live panels with the demo sensors'}
      controls={<TimeControls range={range} onChange={setRange} paused={paused} onPause={setPaused} />}
    >
      <div className={plots.length > 0 ? styles.rows : styles.grid}>
        {panels.map((panel) => (
          <div key={panel.id} style={{ gridArea: panel.area || undefined, minWidth: 0 }}>
            <DashboardPanel panel={panel} range={range} paused={paused} />
          </div>
        ))}
      </div>
    </Section>
  );
}

interface PanelProps {
  panel: PanelDefinition;
  range: TimeRange;
  paused: boolean;
}

function DashboardPanel({ panel, range, paused }: PanelProps): React.JSX.Element {
  const { dataSources, health } = useWorkbench();
  const [ref, width] = useWidth();
  const { id, title, queries } = panel;
  const { data, cancel } = usePanelData({
    dataSources,
    queries,
    range,
    width,
    paused,
    app: CoreApp.Dashboard,
    panelId: id,
    panelName: title,
  });
  useReportHealth(health, id, data, paused);
  return (
    // The height is fixed before there is data, so that nothing moves when data arrives.
    <div ref={ref} style={{ height: panel.height }}>
      {width > 0 && <Panel {...panel} data={data} onCancel={cancel} width={width} />}
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    rows: css({ display: 'grid', gap: theme.spacing(1), gridTemplateColumns: 'minmax(0, 1fr)' }),
    grid: css({
      display: 'grid',
      gap: theme.spacing(1),
      gridTemplateColumns: 'minmax(0, 1fr)',
      gridTemplateAreas: '"rooms" "power" "kitchen" "vibration" "motor" "press" "latest"',
      [theme.breakpoints.up('md')]: {
        gridTemplateColumns: 'repeat(12, minmax(0, 1fr))',
        gridTemplateAreas: [
          row('rooms', 12),
          row('power', 6, 'kitchen', 6),
          row('vibration', 8, 'motor', 4),
          row('press', 5, 'latest', 7),
        ].join(' '),
      },
      [theme.breakpoints.up('lg')]: {
        gridTemplateAreas: [
          row('rooms', 9, 'power', 3),
          row('rooms', 9, 'kitchen', 3),
          row('vibration', 9, 'motor', 3),
          row('press', 4, 'latest', 8),
        ].join(' '),
      },
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
