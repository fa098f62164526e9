import { css } from '@emotion/css';
import { CoreApp, type DataQuery, type GrafanaTheme2, type SelectableValue } from '@grafana/data';
import { VisibilityMode } from '@grafana/schema';
import { Button, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { useMemo, useRef, useState, useSyncExternalStore } from 'react';

import type { MqttQuery } from '../../../src/types';
import { lines } from '../dashboard/panels';
import { useReportHealth } from '../health';
import { Panel } from '../panels/panel';
import { usePanelData } from '../panels/use-panel-data';
import { useWidth } from '../panels/use-size';
import type { VizType } from '../panels/visualization';
import { Section } from '../section';
import { evaluate } from '../time';
import { TimeControls } from '../time-controls';
import { useWorkbench } from '../workbench-context';
import { OWN_TOPIC } from '../../publish-command';
import { PublishHint } from './publish-hint';
import { nextRefId, publishable, replaceAt, type Row } from './queries';
import { QueryRow } from './query-row';

const VISUALIZATIONS: Array<SelectableValue<VizType>> = [
  { value: 'timeseries', label: 'Time series' },
  { value: 'table', label: 'Table' },
  { value: 'stat', label: 'Single value' },
];
/** Points as in Grafana's Explore, so that a single message is visible, which is not a line yet. */
const FIELD_CONFIG = lines({}, { lineWidth: 2, showPoints: VisibilityMode.Auto, pointSize: 5 });
const PANEL_ID = 100;
const PANEL_TITLE = 'Query result';
const PANEL_HEIGHT = 352;
const DEFAULT_TOPIC = 'home/kitchen/temperature';

function firstQuery(topic = DEFAULT_TOPIC): MqttQuery {
  return { refId: 'A', topic };
}

/** Query rows above a live panel. */
export function Explore(): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { dataSources, health, info, params } = useWorkbench();
  useSyncExternalStore(dataSources.subscribe, dataSources.revision);
  const datasource = dataSources.instance();
  const [rows, setRows] = useState<Row[]>(() => [{ key: 0, query: firstQuery(params.topic) }]);
  // onChange and onRunQuery are called in one event, before React has rendered the change.
  const latest = useRef(rows);
  const nextKey = useRef(1);
  const [type, setType] = useState<VizType>('timeseries');
  const [range, setRange] = useState(() => evaluate({ from: 'now-1m', to: 'now' }));
  const [paused, setPaused] = useState(false);
  const [ref, width] = useWidth();
  const { data, rerun, cancel } = usePanelData({
    dataSources,
    queries: rows.map(({ query }) => query),
    range,
    width,
    paused,
    app: CoreApp.Explore,
    panelId: PANEL_ID,
    panelName: PANEL_TITLE,
  });

  // Explore uses its own time range and not that of the response (GraphContainer.tsx), which does not move while there
  // is an error.
  const shown = useMemo(() => data && { ...data, timeRange: evaluate(range.raw) }, [data, range]);

  useReportHealth(health, PANEL_ID, data, paused);

  const edit = (changed: Row[]) => {
    latest.current = changed;
    setRows(changed);
  };
  const run = () => rerun(latest.current.map(({ query }) => query));
  const editAndRun = (changed: Row[]) => {
    edit(changed);
    run();
  };
  const add = (query: Partial<DataQuery>) => {
    const defaults = datasource.getDefaultQuery?.(CoreApp.Explore);
    editAndRun([
      ...latest.current,
      { key: nextKey.current++, query: { ...defaults, ...query, refId: nextRefId(latest.current) } },
    ]);
  };

  return (
    <Section
      id="explore"
      title="Explore"
      subtitle="Enter a topic and watch its messages arrive"
      controls={<TimeControls range={range} onChange={setRange} paused={paused} onPause={setPaused} />}
    >
      <div className={styles.rows}>
        {rows.map(({ key, query }) => (
          <QueryRow
            key={key}
            plugin={dataSources.plugin}
            datasource={datasource}
            query={query}
            queries={rows.map((row) => row.query)}
            data={data}
            onChange={(changed) => edit(replaceAt(latest.current, key, changed))}
            onRunQuery={run}
            onToggleHide={() => editAndRun(replaceAt(latest.current, key, { ...query, hide: !query.hide }))}
            onDuplicate={() => add(query)}
            onRemove={rows.length > 1 ? () => editAndRun(latest.current.filter((row) => row.key !== key)) : undefined}
          />
        ))}
        <div className={styles.below}>
          <Button variant="secondary" icon="plus" onClick={() => add({})}>
            Add query
          </Button>
          {info.broker && <PublishHint broker={info.broker.tcp} topic={publishable(rows[0]?.query) ?? OWN_TOPIC} />}
        </div>
      </div>
      <div>
        <RadioButtonGroup aria-label="Visualization" options={VISUALIZATIONS} value={type} onChange={setType} />
      </div>
      <div ref={ref} style={{ height: PANEL_HEIGHT }}>
        {width > 0 && (
          <Panel
            id={PANEL_ID}
            title={PANEL_TITLE}
            type={type}
            data={shown}
            onCancel={cancel}
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

function getStyles(theme: GrafanaTheme2) {
  return {
    rows: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
    below: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      justifyContent: 'space-between',
      gap: theme.spacing(1, 2),
    }),
  };
}
