import type { QueryResultMetaNotice } from '@grafana/data';
import type { ConnectionStatus } from '../engine';
import { withSentence } from '../connection/with-sentence';

/** A connection that takes longer than this is worth a word, in milliseconds. */
const SLOW_CONNECT_MS = 3_000;

const TRYING = 'Trying again.';

/** What a reader of the panel should know about the connection. */
export function connectionNotices(status: ConnectionStatus, url: string, now: number): QueryResultMetaNotice[] {
  switch (status.state) {
    case 'connected':
      return [];
    case 'connecting':
      if (status.error !== undefined) {
        return [{ severity: 'error', text: withSentence(status.error.message, TRYING) }];
      }
      return now - status.since < SLOW_CONNECT_MS
        ? []
        : [
            {
              severity: 'warning',
              text: `Still waiting for the broker, for ${Math.floor((now - status.since) / 1000)} s. Check the host and the port, and whether a firewall is in between: ${url}`,
            },
          ];
    case 'reconnecting':
      return [
        {
          severity: 'error',
          text: `No live data since ${timeText(status.since, now)}, trying again. ${status.error.message}`,
        },
      ];
    case 'stopped':
      return [{ severity: 'error', text: status.error.message }];
  }
}

/** A time of day as the reader's clock shows it, with the date where that is not today's. */
export function timeText(ms: number, now: number): string {
  const [then, today] = [new Date(ms), new Date(now)];
  return then.toDateString() === today.toDateString() ? then.toLocaleTimeString() : then.toLocaleString();
}
