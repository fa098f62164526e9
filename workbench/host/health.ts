import { type DataQuery, LoadingState, type PanelData } from '@grafana/data';
import { useSyncExternalStore } from 'react';

import { panelStatus } from './panels/notices';

export type Health = 'connecting' | 'waiting' | 'live' | 'paused' | 'empty' | 'error';

export interface HealthReport {
  health: Health;
  /** The error of the first panel that has one. */
  reason?: string;
}

/**
 * The state of the connection, derived from the panels, because a data source cannot report it to Grafana. An error in
 * any of them is the state of all: the lamp is green only if there is none.
 */
export class HealthMonitor {
  /** By what has the data: a query runner. */
  readonly #panels = new Map<unknown, HealthReport>();
  readonly #listeners = new Set<() => void>();
  #report: HealthReport = { health: 'connecting' };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly report = (): HealthReport => this.#report;

  update(panel: unknown, data: PanelData | undefined, paused: boolean): void {
    this.#panels.set(panel, paused ? { health: 'paused' } : healthOf(data));
    this.#summarize();
  }

  remove(panel: unknown): void {
    if (this.#panels.delete(panel)) {
      this.#summarize();
    }
  }

  #summarize(): void {
    const reports = [...this.#panels.values()];
    const order: Health[] = ['error', 'live', 'waiting', 'connecting', 'paused', 'empty'];
    const health = order.find((candidate) => reports.some((report) => report.health === candidate)) ?? 'connecting';
    const reason = reports.find((report) => report.health === health)?.reason;
    if (health !== this.#report.health || reason !== this.#report.reason) {
      this.#report = { health, reason };
      this.#listeners.forEach((listener) => listener());
    }
  }
}

function healthOf(data: PanelData | undefined): HealthReport {
  const error = panelStatus(data).find(({ severity }) => severity === 'error');
  if (error) {
    return { health: 'error', reason: error.text };
  }
  switch (data?.state) {
    case LoadingState.Streaming:
      return { health: data.series.some((frame) => frame.length > 0) ? 'live' : 'waiting' };
    case LoadingState.Done:
      return { health: data.request?.targets.every(isSkipped) === true ? 'empty' : 'paused' };
    default:
      return { health: 'connecting' };
  }
}

/** Core runs no hidden query, and the data source none without a topic. */
function isSkipped(query: DataQuery & { topic?: unknown }): boolean {
  return query.hide === true || (typeof query.topic === 'string' && query.topic.trim() === '');
}

export function useHealth(monitor: HealthMonitor): HealthReport {
  return useSyncExternalStore(monitor.subscribe, monitor.report);
}
