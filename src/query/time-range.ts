import { type DataQueryRequest, rangeUtil } from '@grafana/data';
import type { MqttQuery, QueryDiagnostics } from '../types';

/** A span of time in milliseconds since the epoch, including both ends. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Whether the panel's time range follows the clock, as `now-5m` to `now` does. */
export function followsClock({ range }: DataQueryRequest<MqttQuery>): boolean {
  return rangeUtil.isRelativeTimeRange(range.raw);
}

/** Whether the panel's time range has ended, as after a zoom. @param now milliseconds since the epoch. */
export function isOver(request: DataQueryRequest<MqttQuery>, now: number): boolean {
  return !followsClock(request) && request.range.to.valueOf() <= now;
}

/**
 * The request's time range as it is now. Of a request of `-- Mixed --`, as it was when the request was made: core shows
 * a complete response over that range.
 */
export function windowOf(request: DataQueryRequest<MqttQuery>): TimeWindow {
  const { range } = request;
  const now =
    followsClock(request) && !isMixed(request) ? rangeUtil.convertRawToRange(range.raw, request.timezone) : range;
  return { from: now.from.valueOf(), to: now.to.valueOf() };
}

/** `-- Mixed --` waits for each of its data sources to complete (grafana#28981) and marks its requests so. */
export function isMixed({ requestId }: DataQueryRequest<MqttQuery>): boolean {
  return requestId?.startsWith('mixed-') ?? false;
}

/** Whether the responses of a request are live. */
export function modeOf(request: DataQueryRequest<MqttQuery>): QueryDiagnostics['mode'] {
  return !followsClock(request) ? 'ended' : isMixed(request) ? 'snapshot' : 'live';
}

/** Whether the request is from Explore's Live, which shows log lines as they come. */
export function isLiveTail({ liveStreaming }: DataQueryRequest<MqttQuery>): boolean {
  return liveStreaming === true;
}
