import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { messageOf } from '../../../src/utils/errors';
import { BrokerError } from '../../errors';
import type { Storage } from '../storage';
import { LevelJournal } from './journal';
import { load, StoreError } from './load';
import { SessionPersistence } from '../memory/persistence';
import { encodeJson, keys, STORE_VERSION } from '../memory/records';

/** Options of {@link openDiskStorage}. */
export interface DiskOptions {
  /**
   * Whether each batch is on the disk itself before it counts as stored, which holds over a power cut. Default: false:
   * it is with the operating system, which holds over a crash and a kill -9 of the broker.
   */
  sync?: boolean;
}

/**
 * Stores retained messages, sessions, queued and inflight messages in a directory, which is created if it does not
 * exist. One broker at a time can use it.
 *
 * @throws BrokerError in words (`E_DATA`) when the directory cannot be used: no rights, another broker has it, it is
 *   damaged, or it was written by a newer version
 */
export async function openDiskStorage(directory: string, { sync = false }: DiskOptions = {}): Promise<Storage> {
  const path = resolve(directory);
  const db = await openLevel(path);
  let fault: ((error: Error) => void) | undefined;
  let faulty = false;
  const journal = new LevelJournal(db, {
    sync,
    onFault: (error) => {
      // Once for a disk that is full, not once for each message.
      if (!faulty) {
        faulty = true;
        fault?.(
          new Error(
            `${error.message}. The broker acknowledges only messages that it can store. Check the disk of ${path}`
          )
        );
      }
    },
  });
  const persistence = new SessionPersistence(journal);
  try {
    if (!(await load(journal, persistence))) {
      await journal.write([[keys.version, encodeJson(STORE_VERSION)]]);
    }
  } catch (error) {
    await journal.close();
    throw error instanceof StoreError ? unusable(path, error.message, error) : inWords(path, error);
  }
  let closing: Promise<void> | undefined;
  return {
    persistence,
    onFault: (listener) => {
      fault = listener;
    },
    close: () => (closing ??= journal.close()),
  };
}

/**
 * Opens a database in a folder, which is made when it is not there.
 *
 * @throws BrokerError `E_DATA` in words
 */
export async function openLevel(path: string): Promise<ClassicLevel> {
  try {
    await mkdir(path, { recursive: true });
    const db = new ClassicLevel(path);
    await db.open();
    return db;
  } catch (error) {
    throw inWords(path, error);
  }
}

function inWords(path: string, error: unknown): BrokerError {
  const code = codeOf(error instanceof Error && error.cause ? error.cause : error);
  const words: Record<string, string> = {
    LEVEL_LOCKED: 'another broker uses the directory. Stop that broker, or choose another directory',
    LEVEL_CORRUPTION: 'the directory is damaged',
    EACCES: 'the broker may not write to the directory. Change its permissions, or choose another directory',
    EPERM: 'the broker may not write to the directory. Change its permissions, or choose another directory',
    EROFS: 'the file system is read-only. Choose another directory',
    ENOTDIR: 'a part of the path is a file. Choose another directory',
    EEXIST: 'the path is a file. Choose another directory',
    ENOSPC: 'the disk is full. Make room, or choose another directory',
  };
  const deepest = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = messageOf(deepest);
  const missing =
    code === 'LEVEL_IO_ERROR' && message.includes('No such file') ? 'the directory is damaged: files are missing' : '';
  return unusable(path, words[code] ?? (missing || message), error);
}

/** The error for a folder that cannot be used, with what to do where it is damaged. */
export function unusable(path: string, reason: string, cause: unknown): BrokerError {
  const hint = /damaged|cannot be read|corrupt/i.test(reason)
    ? '. Move the directory away to start with an empty one, or restore a backup'
    : '';
  return new BrokerError('E_DATA', `The data directory ${path} cannot be used: ${reason}${hint}`, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
