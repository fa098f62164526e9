import { type DataFrame, type FieldConfigSource, FieldType, type TimeRange, VizOrientation } from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, BigValueTextMode, useTheme2 } from '@grafana/ui';

import { RepeatedValues, type ValueProps } from './repeated-values';
import type { VizOptions } from './visualization';

interface Props {
  frames: DataFrame[];
  fieldConfig: FieldConfigSource;
  timeRange: TimeRange;
  width: number;
  height: number;
  structureRev: number;
  /** A regular expression for field names. Default: all numbers; all fields if there is no number. */
  fields?: string;
  /** Draws a graph of the values behind them. */
  graph?: boolean;
  colorMode?: VizOptions['colorMode'];
  textMode?: VizOptions['textMode'];
  orientation?: VizOptions['orientation'];
}

/** Below this width in pixels, values are stacked. */
const STACKED_BELOW = 400;

const COLOR_MODES = {
  value: BigValueColorMode.Value,
  background: BigValueColorMode.Background,
  none: BigValueColorMode.None,
};
const TEXT_MODES = {
  value: BigValueTextMode.Value,
  value_and_name: BigValueTextMode.ValueAndName,
  name: BigValueTextMode.Name,
  none: BigValueTextMode.None,
};

function textModeOf(mode: VizOptions['textMode'] = 'auto', count = 1): BigValueTextMode {
  return TEXT_MODES[mode === 'auto' ? (count > 1 ? 'value_and_name' : 'value') : mode];
}

/** The parts of Grafana's stat panel that live values need. */
export function SingleValue({
  frames,
  fieldConfig,
  timeRange,
  width,
  height,
  structureRev,
  fields,
  graph = true,
  colorMode = 'value',
  textMode,
  orientation,
}: Props): React.JSX.Element {
  const theme = useTheme2();
  const hasNumbers = frames.some((frame) => frame.fields.some((field) => field.type === FieldType.number));
  const renderValue = (props: ValueProps) => {
    const { value, alignmentFactors, count } = props;
    if (value.sparkline) {
      value.sparkline.timeRange = timeRange;
    }
    return (
      <BigValue
        value={value.display}
        count={count}
        sparkline={value.sparkline}
        colorMode={COLOR_MODES[colorMode]}
        graphMode={graph ? BigValueGraphMode.Area : BigValueGraphMode.None}
        textMode={textModeOf(textMode, count)}
        alignmentFactors={alignmentFactors}
        width={props.width}
        height={props.height}
        theme={theme}
        disableWideLayout
      />
    );
  };
  return (
    <RepeatedValues
      frames={frames}
      fieldConfig={fieldConfig}
      structureRev={structureRev}
      fields={fields ?? (hasNumbers ? '' : '/^(?!Time$).*/')}
      sparkline={graph}
      renderValue={renderValue}
      width={width}
      height={height}
      orientation={orientation ?? (width < STACKED_BELOW ? VizOrientation.Horizontal : VizOrientation.Auto)}
      autoGrid
    />
  );
}
