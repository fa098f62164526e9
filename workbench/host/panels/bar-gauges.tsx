import { type DataFrame, type FieldConfigSource, VizOrientation } from '@grafana/data';
import { BarGaugeDisplayMode } from '@grafana/schema';
import { BarGauge, useTheme2, type VizTextDisplayOptions } from '@grafana/ui';

import { RepeatedValues, type ValueProps } from './repeated-values';

interface Props {
  frames: DataFrame[];
  fieldConfig: FieldConfigSource;
  width: number;
  height: number;
  structureRev: number;
  /** A regular expression for field names. Default: all numbers. */
  fields?: string;
  text?: VizTextDisplayOptions;
}

const SPACING = 8;
/** Heights of a bar, in pixels. */
const MIN_HEIGHT = 16;
const MAX_HEIGHT = 40;

/** Grafana's bar gauge: a horizontal bar for each value. */
export function BarGauges({
  frames,
  fieldConfig,
  width,
  height,
  structureRev,
  fields = '',
  text,
}: Props): React.JSX.Element {
  const theme = useTheme2();
  const renderValue = (props: ValueProps) => {
    const { display, field, view, colIndex = 0 } = props.value;
    return (
      <BarGauge
        value={display}
        field={field}
        display={view?.getFieldDisplayProcessor(colIndex)}
        orientation={VizOrientation.Horizontal}
        displayMode={BarGaugeDisplayMode.Gradient}
        alignmentFactors={props.alignmentFactors}
        itemSpacing={SPACING}
        text={text}
        width={props.width}
        height={props.height}
        theme={theme}
        showUnfilled
      />
    );
  };
  return (
    <RepeatedValues
      frames={frames}
      fieldConfig={fieldConfig}
      structureRev={structureRev}
      fields={fields}
      renderValue={renderValue}
      width={width}
      height={height}
      itemSpacing={SPACING}
      minVizHeight={MIN_HEIGHT}
      maxVizHeight={MAX_HEIGHT}
      orientation={VizOrientation.Horizontal}
    />
  );
}
