import {
  type DataFrame,
  type DisplayValueAlignmentFactors,
  type FieldConfigSource,
  type FieldDisplay,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
} from '@grafana/data';
import { useTheme2, VizRepeater, type VizRepeaterRenderValueProps } from '@grafana/ui';
import type { ComponentProps } from 'react';

import { templateSrv } from '../scenes/interpolate';

type RepeaterProps = ComponentProps<typeof VizRepeater<FieldDisplay, DisplayValueAlignmentFactors>>;

export type ValueProps = VizRepeaterRenderValueProps<FieldDisplay, DisplayValueAlignmentFactors>;

/** What the values do not decide; VizRepeater has defaults that its type does not show. */
type Layout = Pick<RepeaterProps, 'renderValue' | 'width' | 'height' | 'orientation'> &
  Partial<Pick<RepeaterProps, 'itemSpacing' | 'minVizHeight' | 'maxVizHeight' | 'autoGrid'>>;

interface Props extends Layout {
  frames: DataFrame[];
  fieldConfig: FieldConfigSource;
  structureRev: number;
  /** A regular expression for field names; empty: all numbers. */
  fields: string;
  sparkline?: boolean;
}

/** Draws the last value of each field side by side, as Grafana's stat and bar gauge panels do. */
export function RepeatedValues({
  frames,
  fieldConfig,
  structureRev,
  fields,
  sparkline,
  ...repeater
}: Props): React.JSX.Element {
  const theme = useTheme2();
  const getValues = () =>
    getFieldDisplayValues({
      data: frames,
      fieldConfig,
      reduceOptions: { calcs: ['lastNotNull'], fields },
      replaceVariables: (text, scopedVars) => templateSrv.replace(text, scopedVars),
      sparkline,
      theme,
      timeZone: 'browser',
    });
  return (
    <VizRepeater
      {...repeater}
      getValues={getValues}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      source={frames}
      renderCounter={structureRev}
    />
  );
}
