import type { CoreApp, DataQuery, PanelData, TimeRange } from '@grafana/data';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import { SceneRunner } from '../../grafana/scene-runner';
import type { DataSources } from '../data-sources';

interface Options {
  dataSources: DataSources;
  queries: DataQuery[];
  range: TimeRange;
  /** In pixels. The first run waits for it, as a panel waits for its container. */
  width: number;
  /** Unsubscribe, as if the user had left the dashboard. */
  paused: boolean;
  app: CoreApp;
  panelId: number;
  panelName: string;
}

export interface PanelRun {
  data: PanelData | undefined;
  /** Runs again, with new queries if given. */
  rerun: (queries?: DataQuery[]) => void;
  /** A click on the streaming dot. */
  cancel: () => void;
}

/** The data of a panel, from Grafana's query runner. */
export function usePanelData({
  dataSources,
  queries,
  range,
  width,
  paused,
  app,
  panelId,
  panelName,
}: Options): PanelRun {
  const [data, setData] = useState<PanelData>();
  const [runner] = useState(
    () => new SceneRunner({ getDataSource: dataSources.get, queries, onData: setData, app, panelId, panelName })
  );
  const revision = useSyncExternalStore(dataSources.subscribe, dataSources.revision);
  const asked = useRef({ range, revision });

  const active = width > 0 && !paused;
  useEffect(() => {
    if (!active) {
      return undefined;
    }
    runner.setMaxDataPoints(width);
    void runner.activate(asked.current.range);
    return () => runner.deactivate();
    // The width matters only for the first run: a resize does not query again (:355-375).
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [runner, active]);

  useEffect(() => {
    const changed = asked.current.range !== range || asked.current.revision !== revision;
    asked.current = { range, revision };
    if (changed && runner.isActive) {
      void runner.run(range);
    }
  }, [runner, range, revision]);

  const rerun = useCallback(
    (changed?: DataQuery[]) => {
      if (changed) {
        runner.setQueries(changed);
      }
      if (runner.isActive) {
        void runner.rerun();
      }
    },
    [runner]
  );
  return { data, rerun, cancel: useCallback(() => runner.cancel(), [runner]) };
}
