import { ListenerSet } from '../connection/listener-set';
import { loadPart } from '../connection/load-part';
import type { FrameShape, LineShapes } from '../frames';
import { messageOf } from '../utils/errors';

/** The file of the part; the build knows its name, and tests import the module. */
declare const LINES_PART: string;

interface Shaped {
  readonly query: { readonly shape: FrameShape };
}

const changes = new ListenerSet();
let part: LineShapes | undefined;
let error: string | undefined;
let loading: Promise<void> | undefined;

/** Whether a shape is in the part. */
export function needsLines({ query: { shape } }: Shaped): boolean {
  return shape === 'logs' || shape === 'annotations';
}

/** The part, once it is loaded; the first call loads it, and so does the next one after a failure. */
export function linesPart(): LineShapes | undefined {
  if (part === undefined) {
    void loadLines();
  }
  return part;
}

/** Why there is no part: a sentence. Undefined while it is on its way. */
export function linesError(): string | undefined {
  return error;
}

/** Whether one of the queries waits for the part. */
export function waitsForLines(queries: readonly Shaped[]): boolean {
  return part === undefined && error === undefined && queries.some(needsLines);
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
  return changes.subscribe(listener);
}

/** Loads the part, unless it is loaded or on its way. Never rejects. */
export function loadLines(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  try {
    part = await (typeof LINES_PART === 'undefined' ? import('../frames/lines') : loadPart<LineShapes>(LINES_PART));
    error = undefined;
  } catch (reason) {
    error = `Logs and annotations cannot be shown. ${messageOf(reason)} Reload the page.`;
    loading = undefined;
  }
  changes.notify();
}
