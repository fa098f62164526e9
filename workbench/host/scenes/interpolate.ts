import type { ScopedVars, TypedVariableModel } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import {
  sceneGraph,
  type SceneObject,
  type SceneVariable,
  SceneVariableSet,
  type VariableCustomFormatterFn,
} from '@grafana/scenes';

import { variablesIn } from '../../grafana/template-srv';

/** The scene whose variables hold where a request names no scene: in Grafana, the open dashboard. */
let current: SceneObject | undefined;

export function setCurrentScene(scene: SceneObject | undefined): void {
  current = scene;
}

/** Core's template service, which asks the scene of the request, or else that of the open dashboard (template_srv.ts). */
export const templateSrv: TemplateSrv = {
  getVariables: () => currentVariables().map(modelOf),
  containsTemplate: (target) => variablesIn(target ?? '').some((name) => isVariable(name)),
  updateTimeRange: () => undefined,
  replace: (target = '', scopedVars, format) => {
    const scene = sceneOf(scopedVars) ?? current;
    return scene === undefined
      ? target
      : sceneGraph.interpolate(scene, target, scopedVars, format as string | VariableCustomFormatterFn);
  },
};

function sceneOf(scopedVars: ScopedVars | undefined): SceneObject | undefined {
  const value: unknown = scopedVars?.['__sceneObject']?.value;
  return typeof value === 'object' && value !== null ? (value.valueOf() as SceneObject) : undefined;
}

function isVariable(name: string): boolean {
  return current !== undefined && sceneGraph.lookupVariable(name, current) !== null;
}

function currentVariables(): SceneVariable[] {
  const set = current?.state.$variables;
  return set instanceof SceneVariableSet ? set.state.variables : [];
}

/** The parts of a variable that data sources read. */
function modelOf(variable: SceneVariable): TypedVariableModel {
  const { name, label, type } = variable.state;
  const value = variable.getValue();
  return { name, label, type, current: { value, text: value } } as TypedVariableModel;
}
