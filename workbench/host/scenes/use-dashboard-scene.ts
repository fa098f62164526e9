import type { SceneObject } from '@grafana/scenes';
import { useEffect } from 'react';

import type { HealthMonitor } from '../health';
import { setCurrentScene } from './interpolate';
import type { AnyRoot } from './root';
import { useScene } from './use-scene';
import { useSceneHealth } from './use-scene-health';

/** Activates the scene of a dashboard, reports its health, and replaces its variables while a component is mounted. */
export function useDashboardScene(scene: AnyRoot & SceneObject, health: HealthMonitor): void {
  useScene(scene);
  useSceneHealth(health, scene);
  useEffect(() => {
    setCurrentScene(scene);
    return () => setCurrentScene(undefined);
  }, [scene]);
}
