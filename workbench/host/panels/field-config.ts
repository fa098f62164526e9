import {
  applyFieldOverrides,
  type DataFrame,
  type FieldConfigPropertyItem,
  FieldConfigOptionsRegistry,
  type FieldConfigSource,
  type GrafanaTheme2,
} from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { useMemo, useState } from 'react';

import { StructureRevision } from '../../grafana/panel-data';
import { templateSrv } from '../scenes/interpolate';

const STANDARD = [
  'unit',
  'min',
  'max',
  'fieldMinMax',
  'decimals',
  'displayName',
  'noValue',
  'thresholds',
  'mappings',
  'color',
];
const TIME_SERIES = [
  'drawStyle',
  'lineInterpolation',
  'lineWidth',
  'fillOpacity',
  'gradientMode',
  'showPoints',
  'pointSize',
  'spanNulls',
  'lineStyle',
  'stacking',
  'thresholdsStyle',
  'axisPlacement',
  'axisLabel',
  'axisCenteredZero',
  'axisColorMode',
  'axisSoftMin',
  'axisSoftMax',
  'scaleDistribution',
];
const TABLE = ['cellOptions', 'align', 'width', 'hideFrom'];

/**
 * applyFieldOverrides() copies only the properties that are in a registry, which Grafana's core fills and
 * `@grafana/data` does not (docs/development/grafana-core.md). With this registry, field configuration in the workbench
 * is applied by core's own code.
 */
export const fieldConfigRegistry = new FieldConfigOptionsRegistry(() => [
  ...STANDARD.map((path) => property(path, path)),
  ...[...TIME_SERIES, ...TABLE].map((path) => ({ ...property(`custom.${path}`, path), isCustom: true })),
]);

function property(id: string, path: string): FieldConfigPropertyItem {
  return {
    id,
    path,
    name: id,
    description: '',
    settings: {},
    editor: NoEditor,
    override: NoEditor,
    process: (value: unknown) => value,
    shouldApply: () => true,
  };
}

/** The workbench has no editor for field configuration. */
function NoEditor(): null {
  return null;
}

export function applyFieldConfig(
  frames: DataFrame[],
  fieldConfig: FieldConfigSource,
  theme: GrafanaTheme2
): DataFrame[] {
  return applyFieldOverrides({
    data: frames,
    fieldConfig,
    fieldConfigRegistry,
    replaceVariables: (text, scopedVars, format) => templateSrv.replace(text, scopedVars, format),
    theme,
    timeZone: 'browser',
  });
}

/** VizPanel.applyFieldConfig at each emission: the same series give the same frames (VizPanel.tsx:492-564). */
export function useFieldConfig(
  series: DataFrame[] | undefined,
  fieldConfig: FieldConfigSource
): { frames: DataFrame[]; structureRev: number } {
  const theme = useTheme2();
  const [revision] = useState(() => new StructureRevision());
  return useMemo(() => {
    const frames = applyFieldConfig(series ?? [], fieldConfig, theme);
    return { frames, structureRev: revision.next(frames) };
  }, [series, fieldConfig, theme, revision]);
}
