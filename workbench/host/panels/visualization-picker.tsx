import { css } from '@emotion/css';
import { RadioButtonGroup } from '@grafana/ui';

import { VISUALIZATIONS } from './visualizations';
import type { VizType } from './viz-type';

interface Props {
  value: VizType;
  onChange: (type: VizType) => void;
}

/** The kinds of panel, in two lines where they do not fit side by side. */
export function VisualizationPicker({ value, onChange }: Props): React.JSX.Element {
  return (
    <RadioButtonGroup
      aria-label="Visualization"
      className={WRAPPING}
      options={VISUALIZATIONS}
      value={value}
      onChange={onChange}
    />
  );
}

const WRAPPING = css({ flexWrap: 'wrap' });
