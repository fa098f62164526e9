import { compareArrayValues, compareDataFrameStructures, type DataFrame } from '@grafana/data';

/**
 * What core does with each emission before a panel sees it. `preProcessPanelData` is not re-created: `@grafana/data`
 * exports the very function (processDataFrame.ts:529-573). It sets `field.state = null` in place and, while Loading
 * without series, keeps the previous result.
 */
export { preProcessPanelData } from '@grafana/data';

/**
 * Counts structural changes as `VizPanel.applyFieldConfig` does: uPlot and the table rebuild themselves whenever the
 * number differs, so a plugin that renames, reorders or reconfigures fields between ticks makes its panels flicker.
 */
export class StructureRevision {
  #revision = 0;
  #previous: DataFrame[] | undefined;

  /** From 1 on: uPlot takes 0 for "unknown" and rebuilds itself each time. */
  next(frames: DataFrame[]): number {
    if (this.#previous === undefined || !compareArrayValues(this.#previous, frames, compareDataFrameStructures)) {
      this.#revision++;
    }
    this.#previous = frames;
    return this.#revision;
  }
}
