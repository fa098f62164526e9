import { type DataQueryRequest, dateTime, rangeUtil } from '@grafana/data';
import type { MqttQuery } from '../types';

let requests = 0;

/** A panel's request for these queries over the last five minutes. */
export function request(
  targets: Array<Partial<MqttQuery>>,
  over: Partial<DataQueryRequest<MqttQuery>> = {}
): DataQueryRequest<MqttQuery> {
  const raw = { from: 'now-5m', to: 'now' };
  return {
    app: 'panel-viewer',
    requestId: `SQR${++requests}`,
    interval: '100ms',
    intervalMs: 100,
    maxDataPoints: 1000,
    range: rangeUtil.convertRawToRange(raw),
    rangeRaw: raw,
    scopedVars: {},
    startTime: Date.now(),
    timezone: 'browser',
    targets: targets.map((target, i) => ({ refId: String.fromCharCode(65 + i), topic: '', ...target })),
    ...over,
  };
}

/** A range between two instants, as a dragged zoom makes it. */
export function absolute(fromMs: number, toMs: number): Pick<DataQueryRequest<MqttQuery>, 'range' | 'rangeRaw'> {
  const raw = { from: dateTime(fromMs), to: dateTime(toMs) };
  return { range: { ...raw, raw }, rangeRaw: raw };
}
