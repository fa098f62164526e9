import { useCallback, useEffect, useRef } from 'react';

/**
 * A callback that stays the same function and calls the newest one: with a new function, a memoized component would be
 * rendered at each response of the panel, ten times a second.
 */
export function useStable<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  const newest = useRef(callback);
  useEffect(() => {
    newest.current = callback;
  });
  return useCallback((...args: A) => newest.current(...args), []);
}
