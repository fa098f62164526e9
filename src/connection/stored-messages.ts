import { NoStorage } from '../engine/history/storage-problem';

/*
 * The messages that a data source has stored in this browser over a reload of the page, as its settings show them. The
 * engine writes it: see `engine/history/message-storage.ts`.
 */

/** @returns the bytes of all stored messages, of all tabs. @throws {unknown} the browser's reason if it denies access. */
export async function storedBytes(name: string): Promise<number> {
  requireStorage();
  const known = await indexedDB.databases();
  // Opening a database that does not exist creates it.
  return known.some((each) => each.name === name) ? bytesOf(name) : 0;
}

/** Deletes all messages. @throws {unknown} the browser's reason if it does not delete them. */
export async function deleteStored(name: string): Promise<void> {
  requireStorage();
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.addEventListener('success', () => resolve());
    request.addEventListener('error', () => reject(request.error ?? new Error('no reason')));
    // Tabs of ours close theirs; a tab that the browser has frozen cannot.
    request.addEventListener('blocked', () =>
      reject(new Error('another tab has them open, and they are deleted when it is closed'))
    );
  });
}

function requireStorage(): void {
  if (typeof indexedDB === 'undefined') {
    throw new NoStorage('this browser has no IndexedDB here');
  }
}

function bytesOf(name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.addEventListener('error', () => reject(opening.error ?? new Error('no reason')));
    opening.addEventListener('success', () => {
      const db = opening.result;
      if (!db.objectStoreNames.contains('chunks')) {
        db.close();
        resolve(0);
        return;
      }
      let bytes = 0;
      const reading = db.transaction('chunks').objectStore('chunks').openCursor();
      reading.addEventListener('success', () => {
        const cursor = reading.result;
        if (cursor === null) {
          db.close();
          resolve(bytes);
        } else {
          bytes += (cursor.value as { bytes: Uint8Array }).bytes.length;
          cursor.continue();
        }
      });
      reading.addEventListener('error', () => {
        db.close();
        reject(reading.error ?? new Error('no reason'));
      });
    });
  });
}
