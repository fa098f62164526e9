import type { SceneObject } from '@grafana/scenes';

/** Draws an object of a scene with its component; this activates the object while it is shown. */
export function SceneView({ model }: { model: SceneObject }): React.JSX.Element {
  // A function of the class, which scenes wraps once; it has no `this`.
  // oxlint-disable-next-line typescript/unbound-method
  return <model.Component model={model} />;
}
