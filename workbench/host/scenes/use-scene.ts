import { sceneGraph, type SceneObject, SceneQueryRunner } from '@grafana/scenes';
import { useEffect } from 'react';

import { useWorkbench } from '../workbench-context';

/** Activates a scene while a component is mounted, and runs its queries again with each new instance of the data source. */
export function useScene(scene: SceneObject): void {
  useEffect(() => scene.activate(), [scene]);
  const { dataSources } = useWorkbench();
  useEffect(
    () =>
      dataSources.subscribe(() => {
        sceneGraph
          .findAllObjects(scene, (object) => object.isActive && object instanceof SceneQueryRunner)
          .forEach((runner) => (runner as SceneQueryRunner).runQueries());
      }),
    [scene, dataSources]
  );
}
