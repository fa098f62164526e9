import { type DataFrame, dateTimeFormat, FieldType, getFieldDisplayName, type TimeRange } from '@grafana/data';
import { SortOrder } from '@grafana/schema';
import {
  getFieldDisplayItems,
  LegendDisplayMode,
  TimeSeries,
  TooltipDisplayMode,
  TooltipPlugin2,
  type UPlotConfigBuilder,
  type VizLegendOptions,
  VizTooltipContent,
  VizTooltipHeader,
  VizTooltipWrapper,
} from '@grafana/ui';

import { useMemo } from 'react';

import { AnnotationMarks, type Mark, marksAt, marksOf } from './annotation-marks';

// The plot is rebuilt if legend or options are a new object (docs/development/grafana-core.md).
export const LEGEND: VizLegendOptions = {
  showLegend: true,
  // The same enum, but the linter takes the re-export and the original for two.
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
  displayMode: LegendDisplayMode.List,
  placement: 'bottom',
  calcs: [],
};
const OPTIONS = {};
/** TooltipHoverMode.xAll: all series at the cursor's time. */
const HOVER_ALL = 1;
/** In pixels. */
const HOVER_PROXIMITY = 30;

interface Props {
  frames: DataFrame[];
  structureRev: number;
  timeRange: TimeRange;
  width: number;
  height: number;
  legend?: VizLegendOptions;
  annotations?: DataFrame[];
  /** Called with a range in milliseconds that was selected by dragging, or doubled by a double click. */
  onZoom?: (range: { from: number; to: number }) => void;
}

/** The reason why a time series cannot be drawn, in Grafana's words; undefined if it can. */
export function timeSeriesProblem(frames: DataFrame[]): string | undefined {
  const has = (type: FieldType) => frames.some((frame) => frame.fields.some((field) => field.type === type));
  if (!has(FieldType.time)) {
    return 'Data is missing a time field';
  }
  return has(FieldType.number) ? undefined : 'Data is missing a number field';
}

/** The only place that depends on the component for time series: TimeSeries is deprecated, and UPlotChart replaces it. */
export function TimeSeriesPlot({ annotations, onZoom, timeRange, legend = LEGEND, ...plot }: Props): React.JSX.Element {
  const marks = useMemo(() => marksOf(annotations), [annotations]);
  const width = timeRange.to.valueOf() - timeRange.from.valueOf();
  return (
    <TimeSeries {...plot} timeRange={timeRange} timeZone="browser" legend={legend} options={OPTIONS}>
      {(config, aligned) => <Plugins {...{ config, aligned, marks, onZoom }} near={width} />}
    </TimeSeries>
  );
}

interface PluginsProps {
  config: UPlotConfigBuilder;
  aligned: DataFrame;
  marks: readonly Mark[];
  /** Width of the time range in milliseconds. */
  near: number;
  onZoom: Props['onZoom'];
}

function Plugins({ config, aligned, marks, near, onZoom }: PluginsProps): React.JSX.Element {
  // Series of different topics have different times: show the nearest point of each, not only one at exactly this time.
  config.setCursor({ hover: { prox: HOVER_PROXIMITY, skip: [null, undefined] } });
  return (
    <>
      <AnnotationMarks config={config} marks={marks} />
      <TooltipPlugin2
        config={config}
        // @grafana/ui does not export the enum.
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
        hoverMode={HOVER_ALL}
        queryZoom={onZoom}
        clientZoom={onZoom !== undefined}
        render={(plot, dataIdxs, seriesIdx, isPinned) => (
          <Tooltip
            events={marksAt(marks, plot.posToVal(plot.cursor.left ?? -1, 'x'), near)}
            aligned={aligned}
            dataIdxs={dataIdxs}
            seriesIdx={seriesIdx}
            isPinned={isPinned}
          />
        )}
      />
    </>
  );
}

interface TooltipProps {
  /** Texts of the annotations at the cursor. */
  events: string[];
  aligned: DataFrame;
  dataIdxs: Array<number | null>;
  seriesIdx: number | null;
  isPinned: boolean;
}

function Tooltip({ events, aligned, dataIdxs, seriesIdx, isPinned }: TooltipProps): React.JSX.Element {
  const [time] = aligned.fields;
  // Joining the frames has dropped the display names in their fields; this computes them again.
  aligned.fields.forEach((field) => getFieldDisplayName(field, aligned));
  const at: unknown = time.values[dataIdxs[0] ?? 0];
  const items = getFieldDisplayItems(
    aligned.fields,
    time,
    dataIdxs,
    seriesIdx,
    TooltipDisplayMode.Multi,
    SortOrder.None,
    (field) => field.type === FieldType.number
  );
  const eventItems = events.map((value) => ({ label: 'Annotation', value }));
  return (
    <VizTooltipWrapper>
      <VizTooltipHeader
        item={{
          label: '',
          value: typeof at === 'number' ? dateTimeFormat(at, { format: 'YYYY-MM-DD HH:mm:ss.SSS' }) : '',
        }}
        isPinned={isPinned}
      />
      <VizTooltipContent items={[...items, ...eventItems]} isPinned={isPinned} />
    </VizTooltipWrapper>
  );
}
