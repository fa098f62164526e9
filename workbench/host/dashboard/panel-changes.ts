import { FieldColorModeId } from '@grafana/data';

import { OWN_UID } from '../data-sources';
import type { PanelDefinition } from './panels';

/** What the address says of a panel: that it was removed, or what of it differs. */
export interface PanelChange extends Partial<PanelDefinition> {
  id: number;
  removed?: boolean;
}

/** The panels of the demo with the changes in the address; what is no panel of the demo was added. */
export function withChanges(panels: readonly PanelDefinition[], changes: readonly PanelChange[]): PanelDefinition[] {
  const changed = new Map(changes.map((change) => [change.id, change]));
  const known = panels.flatMap((panel) => {
    const change = changed.get(panel.id);
    return change?.removed === true ? [] : [withSources({ ...panel, ...change })];
  });
  const added = changes.filter(({ id, removed }) => removed !== true && panels.every((panel) => panel.id !== id));
  return [...known, ...added.map((change) => withSources({ ...newPanel(change.id), ...change }))];
}

/** `-- Mixed --` runs no query that does not name its data source. */
function withSources(panel: PanelDefinition): PanelDefinition {
  return panel.mixed === true
    ? {
        ...panel,
        queries: panel.queries.map((query) => ({ ...query, datasource: query.datasource ?? { uid: OWN_UID } })),
      }
    : panel;
}

/** What is to be written into the address, so that `withChanges` gives the same panels again. */
export function changesOf(before: readonly PanelDefinition[], after: readonly PanelDefinition[]): PanelChange[] {
  const removed = before.filter(({ id }) => after.every((panel) => panel.id !== id));
  const changed = after.flatMap((panel): PanelChange[] => {
    const base = before.find(({ id }) => id === panel.id);
    const change = differences(base ?? newPanel(panel.id), panel);
    return base !== undefined && Object.keys(change).length === 0 ? [] : [{ id: panel.id, ...change }];
  });
  return [...removed.map(({ id }) => ({ id, removed: true })), ...changed];
}

function differences(base: PanelDefinition, panel: PanelDefinition): Partial<PanelDefinition> {
  const entries = Object.entries(panel).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(base, key))
  );
  return Object.fromEntries(entries);
}

/** The id of the next panel: ids of removed panels are not used again. */
export function nextId(...panels: Array<readonly PanelDefinition[]>): number {
  return Math.max(0, ...panels.flat().map(({ id }) => id)) + 1;
}

export function newPanel(id: number): PanelDefinition {
  return {
    id,
    area: '',
    type: 'timeseries',
    title: 'New panel',
    description: '',
    height: 304,
    queries: [{ refId: 'A', topic: '' }],
    // Without a mode, all series are grey
    fieldConfig: { defaults: { color: { mode: FieldColorModeId.PaletteClassic } }, overrides: [] },
  };
}
