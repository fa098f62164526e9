import { type DataFrame, type FieldConfigSource, LoadingState, type PanelData } from '@grafana/data';
import { Text } from '@grafana/ui';

import { DataTable } from './data-table';
import { useFieldConfig } from './field-config';
import { SingleValue } from './single-value';
import { TimeSeriesPlot, timeSeriesProblem } from './time-series';

export type VizType = 'timeseries' | 'stat' | 'table';

export interface VizOptions {
  fieldConfig: FieldConfigSource;
  /** `stat`: which fields, as an expression over their names. */
  fields?: string;
  /** `stat`: with the course of the values behind them. Default true. */
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

/** A panel's inside: the frames with field config applied, or the reason why there is nothing to see. */
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

/** Grafana's own words (PanelDataErrorView); nothing at all while the first answer is awaited. */
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
