import { type DataFrame, type FieldConfigSource, LoadingState, type PanelData } from '@grafana/data';
import { Text } from '@grafana/ui';

import { DataTable } from './data-table';
import { useFieldConfig } from './field-config';
import { SingleValue } from './single-value';
import { TimeSeriesPlot, timeSeriesProblem } from './time-series';

export type VizType = 'timeseries' | 'stat' | 'table';

export interface VizOptions {
  fieldConfig: FieldConfigSource;
  /** `stat`: a regular expression for the names of the fields. */
  fields?: string;
  /** `stat`: draw a graph of the values behind them. Default true. */
  graph?: boolean;
  /** `table`: display name of the field that sorts the rows, largest first. */
  sortBy?: string;
}

interface Props extends VizOptions {
  type: VizType;
  title: string;
  data: PanelData | undefined;
  width: number;
  height: number;
}

/** The contents of a panel: the frames with field configuration, or the reason why there are none. */
export function Visualization({
  type,
  title,
  data,
  width,
  height,
  fieldConfig,
  fields,
  graph,
  sortBy,
}: Props): React.JSX.Element | null {
  const { frames, structureRev } = useFieldConfig(data?.series, fieldConfig);
  if (!data || width <= 0) {
    return null;
  }
  const problem = problemOf(type, frames, data.state);
  if (problem !== undefined) {
    return <Problem text={problem} width={width} height={height} />;
  }
  const common = { frames, structureRev, width, height };
  if (type === 'timeseries') {
    return <TimeSeriesPlot {...common} timeRange={data.timeRange} />;
  }
  if (type === 'table') {
    return <DataTable {...common} title={title} sortBy={sortBy} />;
  }
  return <SingleValue {...common} fieldConfig={fieldConfig} timeRange={data.timeRange} fields={fields} graph={graph} />;
}

/** Grafana's texts (PanelDataErrorView); empty until the first response. */
function problemOf(type: VizType, frames: DataFrame[], state: LoadingState): string | undefined {
  if (frames.every((frame) => frame.length === 0 || frame.fields.length === 0)) {
    return state === LoadingState.Loading ? '' : 'No data';
  }
  return type === 'timeseries' ? timeSeriesProblem(frames) : undefined;
}

function Problem({ text, width, height }: { text: string; width: number; height: number }): React.JSX.Element {
  return (
    <div style={{ width, height, display: 'grid', placeItems: 'center' }}>
      <Text color="secondary">{text}</Text>
    </div>
  );
}
