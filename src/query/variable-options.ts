import { type DataQueryRequest, type DataQueryResponse, FieldType, LoadingState } from '@grafana/data';
import { Observable } from 'rxjs';
import type { MqttQuery } from '../types';
import { messageOf } from '../utils/errors';
import type { RunDeps } from './run-deps';
import type { labelsOf, ParsedQuery } from './parse-query';

/**
 * How long topics are collected, in milliseconds. Retained messages arrive at once, live ones when they are published.
 */
const COLLECT_MS = 2_000;

/** How long the connection may take before the time for topics begins anyway, in milliseconds. */
const CONNECT_MS = 10_000;

/** The functions of `module.js` that the part uses; other queries need them, too. */
export interface VariableTools {
  readonly parse: (query: MqttQuery, deps: RunDeps) => ParsedQuery;
  readonly labelsOf: typeof labelsOf;
}

/**
 * The options of a query variable: the values of the filter's first named level (`home/{room}/#` gives the rooms), or
 * the topics if no level is named. They are taken from the messages that arrive within `collectMs` of the connection.
 */
export function variableOptions(
  request: DataQueryRequest<MqttQuery>,
  deps: RunDeps,
  tools: VariableTools,
  collectMs = COLLECT_MS
): Observable<DataQueryResponse> {
  return new Observable((subscriber) => {
    const query = request.targets[0];
    let parsed: ParsedQuery;
    try {
      parsed = tools.parse(query, deps);
    } catch (error) {
      const message = messageOf(error);
      const errors = [{ refId: query.refId, message }];
      const failed = setTimeout(() => {
        subscriber.next({ data: [], state: LoadingState.Error, error: errors[0], errors });
        subscriber.complete();
      });
      return () => clearTimeout(failed);
    }
    const connection = deps.connect();
    const stream = connection.join(parsed.spec);
    const [name] = parsed.patterns.flatMap(({ names }) => names);
    let timer = setTimeout(collect, CONNECT_MS);
    let begun = false;
    const begin = (): void => {
      const { status } = connection;
      if (!begun && (status.state === 'connected' || ('error' in status && status.error !== undefined))) {
        begun = true;
        clearTimeout(timer);
        timer = setTimeout(collect, collectMs);
      }
    };
    const stop = connection.onStatus(begin);
    begin();

    function collect(): void {
      const options = stream.series.map(({ topic }) =>
        name === undefined ? topic : tools.labelsOf(parsed, topic)[name]
      );
      const values = [...new Set(options.filter((option) => option !== undefined && option !== ''))].toSorted();
      const { status } = connection;
      const error = values.length === 0 && 'error' in status ? status.error : undefined;
      const frame = {
        refId: query.refId,
        fields: [{ name: 'value', type: FieldType.string, config: {}, values }],
        length: values.length,
      };
      subscriber.next(
        error === undefined
          ? { data: [frame], state: LoadingState.Done }
          : { data: [], state: LoadingState.Error, error: { message: error.message } }
      );
      subscriber.complete();
    }
    return () => {
      stop();
      clearTimeout(timer);
      connection.leave(stream);
    };
  });
}
