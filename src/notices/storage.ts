import type { StorageStatus } from '../engine';
import { STORED_BYTES_PER_SECOND } from '../engine/protocol';
import { count, formatNumber, plural } from '../utils/format-number';

type Cause = Extract<StorageStatus, { state: 'failed' }>['cause'];

const SETTING = '"Store over a reload" in the settings of the data source';

const WORDS: Readonly<Record<Exclude<Cause, 'other'>, string>> = {
  denied: `this browser denies storage to this page, as some private windows and cookie settings do. Allow this site to store data, or set ${SETTING} to 0.`,
  full: `the disk is full, or this site has used its share of it. Free disk space, or lower ${SETTING}, and reload the page.`,
  slow: 'the storage of this browser does not answer. Reload the page to try again.',
  deleted: 'the stored messages were deleted while this page was open. Reload the page to store messages again.',
};

/** The problem with the browser's storage and its cure, in sentences; undefined while it works or is off. */
export function storageText(status: StorageStatus): string | undefined {
  switch (status.state) {
    case 'off':
      return undefined;
    case 'on':
      return status.skipped === 0
        ? undefined
        : `${count(status.skipped, 'message')} ${plural(status.skipped, 'was', 'were')} not stored for a reload of the page, because at most ${formatNumber(STORED_BYTES_PER_SECOND / 1_000_000)} MB are stored per second. Narrow the topic filters to store all messages.`;
    case 'failed': {
      const { cause, reason } = status;
      const why = cause === 'other' ? `${reason}. Reload the page to try again.` : WORDS[cause];
      return `Messages are not stored for a reload of the page: ${why}`;
    }
  }
}
