import type { CoreApp, DataQueryRequest } from '@grafana/data';
import {
  type DataRequestEnricher,
  dataLayers,
  sceneGraph,
  type SceneObject,
  SceneObjectBase,
  type SceneObjectState,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  useSceneObjectState,
  VizPanel,
} from '@grafana/scenes';

import { QUICK_RANGES } from './quick-ranges';

/** What other files need of a root, whatever more is in its state. */
export type AnyRoot = Pick<
  RootScene,
  'state' | 'useState' | 'activate' | 'subscribeToEvent' | 'setPaused' | 'forEachChild'
>;

/** For components, to which roots with more in their state are given. */
export function useRootState(root: AnyRoot): RootState {
  return useSceneObjectState(root as RootScene);
}

type Given<TState extends RootState> = Omit<TState, '$timeRange' | 'timePicker' | 'refreshPicker' | 'paused'>;

export interface RootState extends SceneObjectState {
  /** The part of Grafana that it stands for, which requests name. */
  app: CoreApp;
  $timeRange: SceneTimeRange;
  timePicker: SceneTimePicker;
  refreshPicker: SceneRefreshPicker;
  /** All queries were cancelled, as a click on the green dot of each panel does. */
  paused: boolean;
}

/** The root of a scene: its time range, and what core's dashboards add to each request. */
export class RootScene<TState extends RootState = RootState>
  extends SceneObjectBase<TState>
  implements DataRequestEnricher
{
  constructor(state: Given<TState>) {
    const root: Omit<RootState, 'app'> = {
      $timeRange: new SceneTimeRange({ from: 'now-1m', to: 'now', timeZone: 'browser' }),
      timePicker: new SceneTimePicker({ quickRanges: QUICK_RANGES, isOnCanvas: true, hideTimeSettings: true }),
      refreshPicker: new SceneRefreshPicker({
        intervals: ['5s', '10s', '30s', '1m'],
        autoEnabled: false,
        withText: true,
      }),
      paused: false,
    };
    super({ ...root, ...state } as unknown as TState);
    // A new time range starts all queries.
    this.addActivationHandler(() => {
      const subscription = this.state.$timeRange.subscribeToState(() => this.#setPaused(false));
      return () => subscription.unsubscribe();
    });
  }

  enrichDataRequest(source: SceneObject): Partial<DataQueryRequest> {
    const panel = source.parent instanceof VizPanel ? source.parent : undefined;
    return { app: this.state.app, panelId: panel?.getLegacyPanelId(), panelName: panel?.state.title };
  }

  setPaused(paused: boolean): void {
    this.#setPaused(paused);
    for (const source of sceneGraph.findAllObjects(this, isSource)) {
      if (source instanceof SceneQueryRunner) {
        if (paused) {
          source.cancelQuery();
        } else {
          source.runQueries();
        }
      } else if (source instanceof dataLayers.AnnotationsDataLayer) {
        if (paused) {
          source.cancelQuery();
        } else {
          source.runLayer();
        }
      }
    }
  }

  #setPaused(paused: boolean): void {
    if (this.state.paused !== paused) {
      this.setState({ paused } as Partial<TState>);
    }
  }
}

function isSource(object: SceneObject): boolean {
  return object.isActive && (object instanceof SceneQueryRunner || object instanceof dataLayers.AnnotationsDataLayer);
}
