import {
  type DataFrame,
  type FieldConfigSource,
  LoadingState,
  type PanelData,
  type TimeRange,
  type VizOrientation,
} from '@grafana/data';
import { Text, type VizLegendOptions, type VizTextDisplayOptions } from '@grafana/ui';

import { BarGauges } from './bar-gauges';
import { DataTable } from './data-table';
import { useFieldConfig } from './field-config';
import { LogLines } from './log-lines';
import { SingleValue } from './single-value';
import { StateTimeline } from './state-timeline';
import { TimeSeriesPlot, timeSeriesProblem } from './time-series';
import type { VizType } from './viz-type';

export type { VizType } from './viz-type';

export interface VizOptions {
  fieldConfig: FieldConfigSource;
  /** `stat`, `bargauge`: a regular expression for the names of the fields. */
  fields?: string;
  /** `stat`: draw a graph of the values behind them. Default true. */
  graph?: boolean;
  /** `stat`: what has the colour. Default: the value. */
  colorMode?: 'value' | 'background' | 'none';
  /** `stat`: what is shown. Default: the value, with its name if there are several. */
  textMode?: 'auto' | 'value' | 'value_and_name' | 'name' | 'none';
  /** `stat`. Default: stacked in a narrow panel. */
  orientation?: VizOrientation;
  /** `bargauge`: sizes of the texts. */
  text?: VizTextDisplayOptions;
  /** `timeseries`. Default: a list below the plot. */
  legend?: VizLegendOptions;
  /** `table`: display name of the field that sorts the rows, largest first. */
  sortBy?: string;
}

interface Size {
  width: number;
  height: number;
}

interface Props extends VizOptions, Size {
  type: VizType;
  title: string;
  data: PanelData | undefined;
  onZoom?: (range: { from: number; to: number }) => void;
}

/** The contents of a panel that is not part of a scene: applies the field configuration itself. */
export function Visualization({ data, fieldConfig, ...props }: Props): React.JSX.Element | null {
  const { frames, structureRev } = useFieldConfig(data?.series, fieldConfig);
  if (!data) {
    return null;
  }
  const { state, timeRange, annotations } = data;
  return <FramesView {...props} {...{ fieldConfig, frames, structureRev, state, timeRange, annotations }} />;
}

interface FramesProps extends Partial<VizOptions>, Size {
  type: VizType;
  title: string;
  fieldConfig: FieldConfigSource;
  /** With the field configuration in their fields. */
  frames: DataFrame[];
  annotations?: DataFrame[];
  structureRev: number;
  state: LoadingState;
  timeRange: TimeRange;
  onZoom?: (range: { from: number; to: number }) => void;
}

/** The frames as one of the visualizations, or the reason why there is nothing to see. */
export function FramesView(props: FramesProps): React.JSX.Element | null {
  const { type, title, frames, state, width, height, timeRange } = props;
  if (width <= 0) {
    return null;
  }
  const problem = problemOf(type, frames, state);
  if (problem !== undefined) {
    return <Problem text={problem} width={width} height={height} />;
  }
  const common = { frames, structureRev: props.structureRev, width, height };
  switch (type) {
    case 'timeseries':
      return (
        <TimeSeriesPlot
          {...common}
          timeRange={timeRange}
          legend={props.legend}
          annotations={props.annotations}
          onZoom={props.onZoom}
        />
      );
    case 'table':
      return <DataTable {...common} title={title} sortBy={props.sortBy} />;
    case 'logs':
      return <LogLines frames={frames} title={title} height={height} />;
    case 'stat': {
      const { fieldConfig, fields, graph, colorMode, textMode, orientation } = props;
      const options = { fields, graph, colorMode, textMode, orientation };
      return <SingleValue {...common} {...options} fieldConfig={fieldConfig} timeRange={timeRange} />;
    }
    case 'bargauge':
      return <BarGauges {...common} fieldConfig={props.fieldConfig} fields={props.fields} text={props.text} />;
    case 'state-timeline':
      return <StateTimeline frames={frames} timeRange={timeRange} width={width} height={height} />;
  }
}

/** Grafana's texts (PanelDataErrorView); empty until the first response. */
function problemOf(type: VizType, frames: DataFrame[], state: LoadingState): string | undefined {
  if (frames.every((frame) => frame.length === 0 || frame.fields.length === 0)) {
    return state === LoadingState.Loading ? '' : 'No data';
  }
  return type === 'timeseries' ? timeSeriesProblem(frames) : undefined;
}

function Problem({ text, width, height }: Size & { text: string }): React.JSX.Element {
  return (
    <div style={{ width, height, display: 'grid', placeItems: 'center' }}>
      <Text color="secondary">{text}</Text>
    </div>
  );
}
