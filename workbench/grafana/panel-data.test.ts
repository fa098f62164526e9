import { type DataFrame, LoadingState, type PanelData } from '@grafana/data';
import { describe, expect, it } from 'vitest';

import { aFrame, lastFiveMinutes } from './fakes';
import { preProcessPanelData, StructureRevision } from './panel-data';

const panelData = (series: DataFrame[], state = LoadingState.Streaming): PanelData => ({
  state,
  series,
  timeRange: lastFiveMinutes(),
});

// processDataFrame.ts:529-573
describe('preProcessPanelData', () => {
  it('sets the state of every field to null, in place', () => {
    const frame = aFrame('A', [1]);
    frame.fields[0].state = { displayName: 'cached' };
    preProcessPanelData(panelData([frame]));
    expect(frame.fields[0].state).toBeNull();
  });

  it('fails on frozen frames', () => {
    const frame = aFrame('A', [1]);
    Object.freeze(frame.fields[0]);
    expect(() => preProcessPanelData(panelData([frame]))).toThrow(TypeError);
  });

  it('repeats the previous series while Loading without series', () => {
    const previous = panelData([aFrame('A', [1])]);
    const loading = preProcessPanelData(panelData([], LoadingState.Loading), previous);
    expect(loading.state).toBe(LoadingState.Loading);
    expect(loading.series).toBe(previous.series);
    expect(preProcessPanelData(panelData([]), previous).series).toEqual([]);
  });
});

function settled(): DataFrame {
  const frame = aFrame('A', [1]);
  frame.fields[0].labels = { room: 'kitchen' };
  frame.fields[0].config = { interval: 1000 };
  return frame;
}

// VizPanel.tsx:492-564, frameComparisons.ts:15-71
describe('StructureRevision', () => {
  const changes: Array<{ what: string; change: (frame: DataFrame) => void; bumps: boolean }> = [
    { what: 'the values', change: (frame) => (frame.fields[0].values = [1, 2, 3]), bumps: false },
    { what: 'the interval', change: (frame) => (frame.fields[0].config = { interval: 5 }), bumps: false },
    { what: 'the name of the frame', change: (frame) => (frame.name = 'other'), bumps: true },
    { what: 'the name of a field', change: (frame) => (frame.fields[0].name = 'other'), bumps: true },
    { what: 'the labels', change: (frame) => (frame.fields[0].labels = { room: 'attic' }), bumps: true },
    {
      what: 'the config',
      change: (frame) => (frame.fields[0].config = { interval: 1000, unit: 'celsius' }),
      bumps: true,
    },
  ];

  it.each(changes)('of $what: $bumps', ({ change, bumps }) => {
    const revision = new StructureRevision();
    const before = revision.next([settled()]);
    const changed = settled();
    change(changed);
    expect(revision.next([changed])).toBe(before + (bumps ? 1 : 0));
  });

  it('of the number of frames', () => {
    const revision = new StructureRevision();
    expect([revision.next([]), revision.next([aFrame('A', [1])]), revision.next([aFrame('A', [2])])]).toEqual([
      1, 2, 2,
    ]);
  });
});
