import { css } from '@emotion/css';
import { CoreApp, dateTime, rangeUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { useSceneObjectState } from '@grafana/scenes';
import { VisibilityMode } from '@grafana/schema';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { MqttQuery } from '../../../src/types';
import { lines } from '../dashboard/panels';
import { Panel } from '../panels/panel';
import { useWidth } from '../panels/use-size';
import type { VizType } from '../panels/visualization';
import { VisualizationPicker } from '../panels/visualization-picker';
import type { Params } from '../params';
import { queryRunner } from '../scenes/query-runner';
import { RootScene } from '../scenes/root';
import { useScene } from '../scenes/use-scene';
import { useSceneHealth } from '../scenes/use-scene-health';
import { Section } from '../section';
import { TimeControls } from '../time-controls';
import { useWorkbench } from '../workbench-context';
import { BackToNow } from './back-to-now';
import { PublishForm } from './publish-form';
import { inAddress, publishable, startQueries } from './queries';
import { QueryRows } from './query-rows';

/** Points as in Grafana's Explore, so that a single message is visible, which is not a line yet. */
const FIELD_CONFIG = lines({}, { lineWidth: 2, showPoints: VisibilityMode.Auto, pointSize: 5 });
const VISUALIZATION = css({
  display: 'flex',
  flexWrap: 'wrap',
  alignItems: 'center',
  justifyContent: 'space-between',
  gap: 8,
});
const PANEL_ID = 100;
const PANEL_TITLE = 'Query result';
const PANEL_HEIGHT = 352;

function exploreScene(params: Params): { scene: RootScene; first: MqttQuery[] } {
  const first = startQueries(params);
  const scene = new RootScene({ app: CoreApp.Explore, $data: queryRunner(first) });
  return { scene, first };
}

/** Query rows above a live panel. */
export function Explore(): React.JSX.Element {
  const { health, info, params } = useWorkbench();
  const [{ scene, first }] = useState(() => exploreScene(params));
  const [queries, setQueries] = useState(first);
  // Changes and runs are told in one event, before React has rendered the change.
  const latest = useRef(first);
  const [type, setType] = useState<VizType>('timeseries');
  const [ref, width] = useWidth();
  useScene(scene);
  useSceneHealth(health, scene);
  const runner = scene.state.$data as ReturnType<typeof queryRunner>;
  const { data } = useSceneObjectState(runner);
  const { value: range } = useSceneObjectState(scene.state.$timeRange);
  useEffect(() => runner.setContainerWidth(width), [runner, width]);

  // Explore uses its own time range and not that of the response (GraphContainer.tsx), which does not move while there
  // is an error.
  const shown = useMemo(() => data && { ...data, timeRange: rangeUtil.convertRawToRange(range.raw) }, [data, range]);
  return (
    <Section
      id="explore"
      title="Explore"
      subtitle="Enter a topic and watch its messages arrive"
      controls={<TimeControls scene={scene} />}
    >
      <QueryRows
        app={CoreApp.Explore}
        queries={first}
        data={data}
        onChange={(changed) => {
          latest.current = changed as MqttQuery[];
          setQueries(latest.current);
          locationService.partial({ query: inAddress(changed, params.topic) }, true);
        }}
        onRunQueries={() => {
          runner.setState({ queries: latest.current });
          runner.runQueries();
        }}
      />
      <PublishForm topic={publishable(queries[0])} broker={info.broker?.tcp} />
      <div className={VISUALIZATION}>
        <VisualizationPicker value={type} onChange={setType} />
        <BackToNow scene={scene} />
      </div>
      <div ref={ref} style={{ height: PANEL_HEIGHT }}>
        {width > 0 && (
          <Panel
            id={PANEL_ID}
            title={PANEL_TITLE}
            type={type}
            data={shown}
            onCancel={() => runner.cancelQuery()}
            onZoom={({ from, to }) => zoom(scene, from, to)}
            fieldConfig={FIELD_CONFIG}
            sortBy="Time"
            width={width}
            height={PANEL_HEIGHT}
          />
        )}
      </div>
    </Section>
  );
}

/** Selects a time range by its milliseconds, as dragging over a plot does. */
function zoom({ state: { $timeRange } }: RootScene, from: number, to: number): void {
  const raw = { from: dateTime(from), to: dateTime(to) };
  $timeRange.onTimeRangeChange({ ...raw, raw });
}
