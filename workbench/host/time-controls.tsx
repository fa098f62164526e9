import { ToolbarButton } from '@grafana/ui';

import { type AnyRoot, useRootState } from './scenes/root';
import { SceneView } from './scenes/scene-view';

/** The right end of a dashboard's toolbar: pause, time range and refresh. */
export function TimeControls({ scene }: { scene: AnyRoot }): React.JSX.Element {
  const { paused, timePicker, refreshPicker } = useRootState(scene);
  return (
    <>
      <ToolbarButton
        icon={paused ? 'play' : 'pause'}
        variant={paused ? 'active' : 'canvas'}
        tooltip={paused ? 'Run all queries again' : 'Cancel all queries: unsubscribe, and keep what is shown'}
        aria-label={paused ? 'Resume panels' : 'Pause panels'}
        aria-pressed={paused}
        onClick={() => scene.setPaused(!paused)}
      />
      <SceneView model={timePicker} />
      <SceneView model={refreshPicker} />
    </>
  );
}
