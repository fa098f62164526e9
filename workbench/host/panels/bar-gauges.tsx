import {
  type DataFrame,
  type DisplayValueAlignmentFactors,
  type FieldConfigSource,
  type FieldDisplay,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  VizOrientation,
} from '@grafana/data';
import { BarGaugeDisplayMode } from '@grafana/schema';
import {
  BarGauge,
  useTheme2,
  VizRepeater,
  type VizRepeaterRenderValueProps,
  type VizTextDisplayOptions,
} from '@grafana/ui';

import { templateSrv } from '../scenes/interpolate';

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
  const getValues = () =>
    getFieldDisplayValues({
      data: frames,
      fieldConfig,
      reduceOptions: { calcs: ['lastNotNull'], fields },
      replaceVariables: (text, scopedVars) => templateSrv.replace(text, scopedVars),
      theme,
      timeZone: 'browser',
    });
  const renderValue = (props: VizRepeaterRenderValueProps<FieldDisplay, DisplayValueAlignmentFactors>) => {
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
    <VizRepeater
      getValues={getValues}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={renderValue}
      source={frames}
      renderCounter={structureRev}
      width={width}
      height={height}
      itemSpacing={SPACING}
      minVizHeight={MIN_HEIGHT}
      maxVizHeight={MAX_HEIGHT}
      orientation={VizOrientation.Horizontal}
    />
  );
}
