import type { QueryResultMetaNotice } from '@grafana/data';
import type { SharedStream } from '../connection/shared-stream';
import { type NoticeClock, timeText } from './time-text';

/** The notice about older messages: that they are on their way, or why they are not there. */
export function historyNotices({ past, spec }: Pick<SharedStream, 'past' | 'spec'>): QueryResultMetaNotice[] {
  switch (past.state) {
    case 'requesting':
      return past.progress === undefined
        ? []
        : [{ severity: 'info', text: `Loading older messages: ${Math.floor(past.progress * 100)} %.` }];
    case 'failed':
      return [{ severity: 'warning', text: `The historian did not send older messages: ${past.reason}.` }];
    case 'done': {
      const labels = spec.labels?.filter(({ from }) => from === 'property') ?? [];
      return past.noUserProperties === true && labels.length > 0
        ? [
            {
              severity: 'info',
              text: `Older messages have no label ${labels.map(({ name }) => `"${name}"`).join(', ')}, because the historian does not record user properties. Let a standalone historian with MQTT 5 record the messages.`,
            },
          ]
        : [];
    }
  }
}

/**
 * For a query that was changed, and reads fewer of the stored messages again than it had rows of.
 *
 * @param until when the newest of the others came, in milliseconds since the epoch; undefined if there is none.
 */
export function lostNotice(until: number | undefined, clock: NoticeClock): QueryResultMetaNotice[] {
  if (until === undefined) {
    return [];
  }
  // The times have seconds: of the one that is named, all messages are stored.
  const time = timeText(Math.floor(until / 1_000 + 1) * 1_000, clock);
  return [
    {
      severity: 'warning',
      text: `Messages before ${time} are no longer stored in this tab, so their rows are not read again with the changed query. Raise "Message memory" in the settings of the data source.`,
    },
  ];
}
