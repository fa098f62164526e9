import { dateTimeFormat } from '@grafana/data';
import type { MessageHeader } from '../../engine/explorer-protocol';

/** When a message came, as a time of day; `before` if it came before the inspector was opened. */
export function timeOf({ time }: MessageHeader): string {
  return time === undefined ? 'before' : dateTimeFormat(time, { format: 'HH:mm:ss.SSS' });
}
