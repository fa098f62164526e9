import { compareArrayValues, compareDataFrameStructures, type DataFrame } from '@grafana/data';

/**
 * Core's work on each emission before a panel gets it. `@grafana/data` exports `preProcessPanelData` itself
 * (processDataFrame.ts:529-573): it sets `field.state = null` in place and, while Loading without series, repeats the
 * previous result.
 */
export { preProcessPanelData } from '@grafana/data';

/**
 * Counts structural changes as `VizPanel.applyFieldConfig` does. uPlot and the table are rebuilt whenever the number
 * changes, so panels flicker if a plugin renames, reorders or reconfigures fields between ticks.
 */
export class StructureRevision {
  #revision = 0;
  #previous: DataFrame[] | undefined;

  /** From 1 on: uPlot takes 0 for "unknown", and is rebuilt each time. */
  next(frames: DataFrame[]): number {
    if (this.#previous === undefined || !compareArrayValues(this.#previous, frames, compareDataFrameStructures)) {
      this.#revision++;
    }
    this.#previous = frames;
    return this.#revision;
  }
}
