import { describe, expect, it } from 'vitest';

import { changesOf, newPanel, nextId, withChanges } from './panel-changes';

const PANELS = [
  { ...newPanel(1), title: 'Kitchen' },
  { ...newPanel(2), title: 'Bath' },
];

describe('panels in the address', () => {
  it('has nothing to say of panels that are as they were', () => {
    expect(changesOf(PANELS, PANELS)).toEqual([]);
  });

  it.each([
    {
      what: 'a changed title',
      after: [PANELS[0], { ...PANELS[1], title: 'Sauna' }],
      changes: [{ id: 2, title: 'Sauna' }],
    },
    { what: 'a removed panel', after: [PANELS[1]], changes: [{ id: 1, removed: true }] },
    { what: 'a new panel', after: [...PANELS, newPanel(3)], changes: [{ id: 3 }] },
  ])('holds $what and no more, and gives the same panels again', ({ after, changes }) => {
    expect(changesOf(PANELS, after)).toEqual(changes);
    expect(withChanges(PANELS, changes)).toEqual(after);
  });

  it('gives queries of -- Mixed -- that name no data source that of the page, as they would not run', () => {
    const other = { refId: 'B', topic: 'b', datasource: { uid: 'influxdb' } };
    const changes = [{ id: 2, mixed: true, queries: [{ refId: 'A', topic: 'a' }, other] }];
    const panels = withChanges(PANELS, changes);
    expect(panels[1].queries).toEqual([{ refId: 'A', topic: 'a', datasource: { uid: 'workbench' } }, other]);
    expect(withChanges(PANELS, changesOf(PANELS, panels))).toEqual(panels);
    expect(withChanges(PANELS, [{ ...changes[0], mixed: false }])[1].queries).toEqual(changes[0].queries);
  });

  it('gives an added panel the colours of a palette: without a mode, all series are grey', () => {
    const [added, changed] = withChanges([], [{ id: 3 }, { id: 4, fieldConfig: { defaults: {}, overrides: [] } }]);
    expect(added.fieldConfig.defaults.color).toEqual({ mode: 'palette-classic' });
    expect(changed.fieldConfig.defaults).toEqual({});
  });

  it('gives no id twice', () => {
    expect(nextId(PANELS, [newPanel(7)])).toBe(8);
  });
});
