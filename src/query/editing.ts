import type { DataQueryRequest, QueryResultMetaNotice } from '@grafana/data';
import type { SharedStream } from '../connection/shared-stream';
import type { AnnouncedLookup } from '../frames';
import { messageWarnings, silenceNotice } from '../notices/stream';
import type { NoticeClock } from '../notices/time-text';
import type { MqttQuery, QueryDiagnostics } from '../types';
import { noNumbersText } from './no-numbers';
import { countsOf } from './query-counts';
import { suggestValueMappings } from './value-mapping-suggestions';

/* Functions that only a query editor needs: a part of the plugin, which `editing-part.ts` loads. */

export { findNearestTopics } from './nearest-topics';

interface EditedStream {
  readonly request: DataQueryRequest<MqttQuery>;
  readonly refId: string;
  readonly stream: SharedStream;
  /** All notices about the stream. */
  readonly notices: readonly QueryResultMetaNotice[];
  readonly announced: AnnouncedLookup | undefined;
  readonly clock: NoticeClock;
}

/** The diagnostics of a stream that only a query editor shows. */
export function editorDiagnostics(edited: EditedStream): Pick<QueryDiagnostics, 'counts' | 'mappings' | 'notices'> {
  const { request, stream, announced, clock } = edited;
  const mappings = suggestValueMappings(stream, announced);
  const shape = request.targets.find(({ refId }) => refId === edited.refId)?.shape;
  const noNumbers = mappings.length === 0 ? noNumbersText(stream, shape) : undefined;
  const notices = [
    ...otherNotices(edited),
    ...(noNumbers === undefined ? [] : [{ severity: 'info', text: noNumbers } as const]),
  ];
  return {
    counts: countsOf(stream, clock.now),
    ...(mappings.length === 0 ? undefined : { mappings }),
    ...(notices.length === 0 ? undefined : { notices }),
  };
}

/** The notices for which the editor has no place of its own: errors, and those with something to click, have one. */
function otherNotices({ stream, notices, clock }: EditedStream): QueryDiagnostics['notices'] & object {
  const shown = new Set(messageWarnings(stream));
  if (stream.nearest.length > 0) {
    shown.add(silenceNotice(stream, clock).text);
  }
  return notices
    .filter(({ severity, text }) => severity !== 'error' && !shown.has(text))
    .map(({ severity, text }) => ({ severity, text }));
}
