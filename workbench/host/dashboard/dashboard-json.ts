import type { DataQuery, FieldConfigSource } from '@grafana/data';

import type { VizOptions } from '../panels/visualization';
import { type VizType, vizType } from '../panels/viz-type';

/** The parts of a dashboard's JSON that the workbench reads; `src/dashboards` has what the plugin ships. */
export interface DashboardJson {
  title: string;
  description?: string;
  time: { from: string; to: string };
  panels: PanelJson[];
  templating: { list: VariableJson[] };
  annotations: { list: AnnotationJson[] };
}

interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPosition;
  targets?: DataQuery[];
  fieldConfig: FieldConfigSource;
  options?: OptionsJson;
}

interface OptionsJson extends Pick<VizOptions, 'colorMode' | 'textMode' | 'orientation' | 'text' | 'legend'> {
  reduceOptions?: { fields?: string };
  graphMode?: string;
  sortBy?: Array<{ displayName: string }>;
}

/** In columns of a 24th of the width, and rows of 30 pixels and a gap. */
export interface GridPosition {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface VariableJson {
  type: 'datasource' | 'textbox' | 'query';
  name: string;
  label?: string;
  /** `textbox`: the value. `query`: the query of the data source. */
  query?: unknown;
  multi?: boolean;
  current?: { text?: string | string[]; value?: string | string[] };
}

export interface AnnotationJson {
  name: string;
  enable?: boolean;
  iconColor: string;
  /** The query of a data source; Grafana's own annotations have none. */
  target?: DataQuery & { type?: string };
}

/** A panel of a dashboard's JSON, and its place. */
export interface PlacedPanel {
  id: number;
  type: VizType;
  title: string;
  description: string;
  place: GridPosition;
  /** In pixels. */
  height: number;
  queries: DataQuery[];
  fieldConfig: FieldConfigSource;
  options: Partial<VizOptions>;
}

const ROW_HEIGHT = 30;
const GAP = 8;

/** The panels in the order in which people read them. @throws {Error} for a panel that the workbench cannot draw. */
export function panelsOf({ panels }: DashboardJson): PlacedPanel[] {
  return panels.map((panel) => panelOf(panel)).toSorted((a, b) => a.place.y - b.place.y || a.place.x - b.place.x);
}

function panelOf({ type, description = '', gridPos, targets = [], options = {}, ...panel }: PanelJson): PlacedPanel {
  const { reduceOptions, graphMode, sortBy, colorMode, textMode, orientation, text, legend } = options;
  return {
    ...panel,
    type: vizType(type),
    description,
    place: gridPos,
    height: gridPos.h * (ROW_HEIGHT + GAP) - GAP,
    // Their data source is the workbench's.
    queries: targets.map((query) => ({ ...query, datasource: undefined })),
    options: {
      fields: reduceOptions?.fields || undefined,
      graph: graphMode !== 'none',
      sortBy: sortBy?.[0]?.displayName,
      colorMode,
      textMode,
      orientation,
      text,
      legend,
    },
  };
}
