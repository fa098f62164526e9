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

  it('gives no id twice', () => {
    expect(nextId(PANELS, [newPanel(7)])).toBe(8);
  });
});
