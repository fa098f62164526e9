import type { QueryResultMetaNotice } from '@grafana/data';
import type { ConnectionStatus } from '../engine';
import { type NoticeClock, timeText } from './time-text';

/** A connection attempt without an answer gets a notice after so many milliseconds. */
const SLOW_CONNECT_MS = 3_000;

/**
 * The notice about a connection, or none. The words of an error are its `message`: from `engine/connection-errors.ts`,
 * and where the page knows more, from `connection/diagnose.ts`.
 *
 * @param url the broker's URL, as the browser opens it.
 */
export function connectionNotices(status: ConnectionStatus, url: string, clock: NoticeClock): QueryResultMetaNotice[] {
  const since = timeText(status.since, clock);
  switch (status.state) {
    case 'connected':
      return [];
    case 'connecting':
      if (status.error !== undefined) {
        return [
          { severity: 'error', text: `${status.error.message} The data source has tried to connect since ${since}.` },
        ];
      }
      return clock.now - status.since < SLOW_CONNECT_MS
        ? []
        : [
            {
              severity: 'warning',
              text: `${url} has not answered since ${since}. Check the host, the port and the path, and whether a firewall blocks the connection.`,
            },
          ];
    case 'reconnecting':
      return [{ severity: 'error', text: `No live data since ${since}. ${status.error.message}` }];
    case 'stopped':
      return [{ severity: 'error', text: status.error.message }];
  }
}
