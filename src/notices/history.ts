import type { QueryResultMetaNotice } from '@grafana/data';
import type { SharedStream } from '../connection/shared-stream';

/** What is to be said about older messages: that they are on their way, or why they are not there. */
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
