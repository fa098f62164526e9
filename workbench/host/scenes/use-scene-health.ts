import { SceneObjectStateChangedEvent, SceneQueryRunner } from '@grafana/scenes';
import { useEffect } from 'react';

import type { HealthMonitor } from '../health';
import type { AnyRoot } from './root';

/** Reports the data of all query runners of a scene to the monitor while they are active. */
export function useSceneHealth(monitor: HealthMonitor, scene: AnyRoot): void {
  useEffect(() => {
    const runners = new Set<SceneQueryRunner>();
    const report = (runner: SceneQueryRunner) => {
      if (runner.isActive) {
        runners.add(runner);
        monitor.update(runner, runner.state.data, scene.state.paused);
      } else {
        runners.delete(runner);
        monitor.remove(runner);
      }
    };
    const changes = scene.subscribeToEvent(SceneObjectStateChangedEvent, ({ payload: { changedObject } }) => {
      if (changedObject instanceof SceneQueryRunner) {
        report(changedObject);
      } else if (Object.is(changedObject, scene)) {
        // Panels that have gone are not active any more once React has taken them away.
        setTimeout(() => runners.forEach(report));
      }
    });
    return () => {
      changes.unsubscribe();
      runners.forEach((runner) => monitor.remove(runner));
    };
  }, [monitor, scene]);
}
