import { messageOf } from '../../utils/errors';
import type { StorageStatus } from '../protocol';

type Failed = Extract<StorageStatus, { state: 'failed' }>;

/** The browser's storage did not answer in time. */
export class StorageTimeout extends Error {}

/** The browser has no storage for this page. */
export class NoStorage extends Error {}

/**
 * Names of exceptions of IndexedDB (Indexed Database API 3.0, "Exceptions"; Firefox denies it with InvalidStateError in
 * some private windows). What fails without a name of its own is `other`.
 */
const CAUSES: Readonly<Record<string, Failed['cause']>> = {
  QuotaExceededError: 'full',
  SecurityError: 'denied',
  NotAllowedError: 'denied',
  InvalidStateError: 'denied',
};

/** Why nothing is stored over a reload of the page. @param thrown by IndexedDB. */
export function storageProblem(thrown: unknown): Failed {
  return { state: 'failed', cause: causeOf(thrown), reason: messageOf(thrown) };
}

function causeOf(thrown: unknown): Failed['cause'] {
  if (thrown instanceof NoStorage) {
    return 'denied';
  }
  if (thrown instanceof StorageTimeout) {
    return 'slow';
  }
  const name = typeof thrown === 'object' && thrown !== null && 'name' in thrown ? String(thrown.name) : '';
  return Object.hasOwn(CAUSES, name) ? CAUSES[name] : 'other';
}
