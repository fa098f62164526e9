import type { SelectableValue } from '@grafana/data';

import type { VizType } from './visualization';

export const VISUALIZATIONS: Array<SelectableValue<VizType>> = [
  { value: 'timeseries', label: 'Time series' },
  { value: 'table', label: 'Table' },
  { value: 'stat', label: 'Single value' },
  { value: 'logs', label: 'Logs' },
];
