import { LoadingState, type PanelData, type QueryResultMetaNotice } from '@grafana/data';
import { describe, expect, it, vi } from 'vitest';

import { aFrame, lastFiveMinutes } from '../grafana/fakes';
import type { MqttQuery } from '../../src/types';
import { HealthMonitor } from './health';

function shown(state: LoadingState, rows: number[] = [], notice?: QueryResultMetaNotice): PanelData {
  const frame = { ...aFrame('A', rows), length: rows.length, meta: notice && { notices: [notice] } };
  return { state, series: [frame], timeRange: lastFiveMinutes() };
}
const LIVE = shown(LoadingState.Streaming, [1]);
const DOWN = shown(LoadingState.Streaming, [1], { severity: 'error', text: 'Cannot reach the broker' });

/** The state of a panel that is done with a query. */
function of(query: Partial<MqttQuery>): PanelData {
  const request = { targets: [{ refId: 'A', ...query }] } as PanelData['request'];
  return { ...shown(LoadingState.Done), series: [], request };
}

describe('the connection chip', () => {
  it.each([
    { what: 'nothing has answered', panels: [undefined, undefined], health: 'connecting' },
    { what: 'the first packets are empty', panels: [shown(LoadingState.Streaming)], health: 'waiting' },
    { what: 'one panel has data', panels: [shown(LoadingState.Streaming), LIVE], health: 'live' },
    { what: 'one query is wrong and another one streams', panels: [DOWN, LIVE], health: 'error' },
    { what: 'all have an error next to old data', panels: [DOWN, DOWN], health: 'error' },
    { what: 'no query has a topic', panels: [of({ topic: ' ' }), of({ topic: 'a', hide: true })], health: 'empty' },
    { what: 'a query has a topic, and has ended', panels: [of({ topic: '' }), of({ topic: 'a' })], health: 'paused' },
    { what: 'all have ended', panels: [shown(LoadingState.Done, [1])], health: 'paused' },
  ])('is $health if $what', ({ panels, health }) => {
    const monitor = new HealthMonitor();
    panels.forEach((data, id) => monitor.update(id, data, false));
    expect(monitor.report().health).toBe(health);
  });

  it('has the reason, and notifies its listeners only of changes', () => {
    const monitor = new HealthMonitor();
    const listener = vi.fn<() => void>();
    monitor.subscribe(listener);
    monitor.update(1, DOWN, false);
    monitor.update(1, DOWN, false);
    expect(monitor.report()).toEqual({ health: 'error', reason: 'Cannot reach the broker' });
    expect(listener).toHaveBeenCalledOnce();
    monitor.update(1, DOWN, true);
    expect(monitor.report().health).toBe('paused');
    monitor.remove(1);
    expect(monitor.report().health).toBe('connecting');
  });
});
