import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { ExplorerClient } from '../../connection/explorer-client';

/** The part of the data source that the picker uses. */
export interface ExploredDataSource {
  /** An explorer, which is to be opened; undefined if the data source cannot connect. */
  explore(Explorer: typeof ExplorerClient): ExplorerClient | undefined;
}

/** An explorer that is open as long as the component is mounted. */
export function useExplorer(datasource: ExploredDataSource): ExplorerClient | undefined {
  const [explorer] = useState(() => datasource.explore(ExplorerClient));
  useOpened(explorer);
  return explorer;
}

/** Opens an explorer, and closes it with the component. */
export function useOpened(explorer: ExplorerClient | undefined): void {
  useEffect(() => explorer?.open(), [explorer]);
}

/** A value of the explorer that changes with it: its view, its messages or its status. */
export function useExplored<K extends 'view' | 'messages' | 'status'>(
  explorer: ExplorerClient | undefined,
  key: K
): ExplorerClient[K] | undefined {
  const subscribe = useCallback(
    (listener: () => void) => explorer?.onChange(listener) ?? (() => undefined),
    [explorer]
  );
  return useSyncExternalStore(subscribe, () => explorer?.[key]);
}
