import type { WebStorage } from './viewer-credentials';

/** The part of the Web Locks API that is needed; browsers have it in secure contexts only. */
export interface TabLocks {
  request(
    name: string,
    options: { ifAvailable: true },
    callback: (lock: object | null) => Promise<void>
  ): Promise<void>;
}

/**
 * An id of this tab that outlives a reload, by which it finds what it has stored in the browser. A duplicated tab
 * begins with the same session storage as the original: it gets an id of its own, where the browser can tell.
 *
 * @param name of the entry in the session storage.
 * @returns never rejects.
 */
export async function claimTabId(
  name: string,
  storage: () => WebStorage,
  locks: TabLocks | undefined,
  newId: () => string
): Promise<string> {
  const known = read(name, storage);
  if (known !== undefined && (locks === undefined || (await isFree(locks, `${name}:${known}`)))) {
    return known;
  }
  const id = newId();
  try {
    storage().setItem(name, id);
  } catch {
    // Without session storage, a reload finds what the tab that wrote last has stored.
  }
  if (locks !== undefined) {
    await isFree(locks, `${name}:${id}`);
  }
  return id;
}

function read(name: string, storage: () => WebStorage): string | undefined {
  try {
    return storage().getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Takes a lock until the page goes. @returns whether nobody else has it. */
function isFree(locks: TabLocks, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? Promise.resolve() : new Promise(() => undefined);
      })
      .catch(() => resolve(true));
  });
}
