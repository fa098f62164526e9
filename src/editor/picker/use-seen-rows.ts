import { useEffect, useRef, useState } from 'react';

/** The height of the list of topics, in rows; and the least of it, for a search that finds little. */
export const SEEN_ROWS = 14;
const LEAST_ROWS = 4;

/** How long the height follows what somebody does, in milliseconds: the explorer has the rows a moment later. */
const FOLLOW_MS = 1_000;

/**
 * The height of the list: all of it, or as much as a search fills. It changes when somebody searches, or opens or closes
 * a branch: the pointer is not below the list then. It does not change with topics that arrive later, so that nothing
 * below the list moves under the pointer.
 *
 * @param total rows of the whole tree.
 * @returns rows, and what is to be called before somebody changes the list.
 */
export function useSeenRows(search: string, total: number): [rows: number, follow: () => void] {
  const wanted = search.trim() === '' ? SEEN_ROWS : Math.max(LEAST_ROWS, Math.min(SEEN_ROWS, total));
  const [rows, setRows] = useState(wanted);
  const until = useRef(0);
  const follow = (): void => {
    until.current = performance.now() + FOLLOW_MS;
  };
  useEffect(follow, [search]);
  useEffect(() => {
    if (performance.now() < until.current) {
      setRows(wanted);
    }
  }, [wanted]);
  return [rows, follow];
}
