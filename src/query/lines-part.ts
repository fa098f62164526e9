import { loadPart } from '../connection/load-part';
import { PluginPart } from '../connection/plugin-part';
import type { FrameShape, LineShapes } from '../frames';

/** The file of the part; the build knows its name, and tests import the module. */
declare const LINES_PART: string;

interface Shaped {
  readonly query: { readonly shape: FrameShape };
}

const part = new PluginPart<LineShapes>(() =>
  typeof LINES_PART === 'undefined' ? import('../frames/lines') : loadPart(LINES_PART)
);

/** Whether a shape is in the part. */
export function needsLines({ query: { shape } }: Shaped): boolean {
  return shape === 'logs' || shape === 'annotations';
}

/** The part, once it is loaded; the first call loads it, and so does the next one after a failure. */
export function linesPart(): LineShapes | undefined {
  return part.code;
}

/** Why there is no part: a sentence. Undefined while it is on its way. */
export function linesError(): string | undefined {
  return part.error === undefined ? undefined : `Logs and annotations cannot be shown. ${part.error} Reload the page.`;
}

/** Whether one of the queries waits for the part. */
export function waitsForLines(queries: readonly Shaped[]): boolean {
  return part.isPending && queries.some(needsLines);
}

/**
 * Loads the part if one of the queries needs it, and calls back when it has been loaded, or could not be.
 *
 * @returns unsubscribes.
 */
export function onLines(queries: readonly Shaped[], listener: () => void): () => void {
  if (!queries.some(needsLines) || linesPart() !== undefined) {
    return () => undefined;
  }
  return part.onChange(listener);
}

/** Loads the part, unless it is loaded or on its way. Never rejects. */
export function loadLines(): Promise<void> {
  return part.load();
}
