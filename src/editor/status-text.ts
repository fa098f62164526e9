import type { ConnectionDiagnostics, QueryDiagnostics } from '../types';
import { count, formatNumber } from '../utils/format-number';
import { ageText, rateText } from './picker/words';

/** The status line of a query. */
export interface StatusText {
  /** Whether messages can arrive now. Undefined before the first response. */
  readonly isLive: boolean | undefined;
  readonly state: string;
  /** Counts, each with its noun, in an order that stays. */
  readonly facts: readonly string[];
}

/**
 * @param isHidden Grafana's switch hides the query.
 * @param qos what the query asks for.
 */
export function statusText(diagnostics: QueryDiagnostics | undefined, qos: number, isHidden: boolean): StatusText {
  if (isHidden) {
    return { isLive: false, state: 'Not live: the query is hidden', facts: [] };
  }
  const { connection } = diagnostics ?? {};
  if (diagnostics === undefined || connection === undefined) {
    return { isLive: undefined, state: '', facts: [] };
  }
  return { ...stateOf(connection, diagnostics.mode), facts: factsOf(diagnostics, qos) };
}

function stateOf({ state, error }: ConnectionDiagnostics, mode: QueryDiagnostics['mode']): Omit<StatusText, 'facts'> {
  if (mode === 'ended') {
    return { isLive: false, state: 'Not live: the time range does not end now' };
  }
  if (state !== 'connected') {
    return { isLive: false, state: error === undefined ? 'Connecting …' : 'Not live: no connection' };
  }
  return mode === 'snapshot'
    ? { isLive: false, state: 'Not live: a -- Mixed -- panel shows the rows of its last refresh' }
    : { isLive: true, state: 'Live' };
}

function factsOf({ connection, counts, messages, failed }: QueryDiagnostics, qos: number): string[] {
  const protocol = connection?.protocol === undefined ? [] : [`MQTT ${connection.protocol}`];
  if (counts === undefined) {
    return [count(messages, 'message'), ...protocol];
  }
  const { rate, age, topics, series, rows, dropped, grantedQos } = counts;
  return [
    count(messages, 'message'),
    // As wide as a number, so that what follows does not move.
    rate === undefined ? '… /s' : rateText(rate) || '0 /s',
    ...(age === undefined ? [] : [`last one ${ageText(age)} ago`]),
    count(topics, 'topic'),
    ...(series === topics ? [] : [`${formatNumber(series)} series`]),
    `${count(rows, 'row')} stored`,
    ...(failed === 0 ? [] : [`${count(failed, 'message')} not decoded`]),
    ...(dropped === 0 ? [] : [`${count(dropped, 'row')} dropped`]),
    ...(grantedQos === undefined ? [] : [`QoS ${grantedQos} granted in place of ${qos}`]),
    ...protocol,
  ];
}
