import type { LaunchedEngine } from './launch';

/** How long a Worker waits for the first connection, in milliseconds. A page that shows no panel needs none. */
const UNUSED_MS = 30_000;

/**
 * The engine's Worker before anybody needs it. The first query comes when `module.js` has been evaluated, the data source
 * made, and the panel rendered, which takes longer than loading the Worker.
 */
export class EarlyEngine {
  #engine: Promise<LaunchedEngine> | undefined;
  #unused: ReturnType<typeof setTimeout> | undefined;

  /** @param launch starts a Worker; what it throws, {@link take} gives to the one who needs the engine. */
  start(launch: () => Promise<LaunchedEngine>): void {
    this.#engine = launch();
    // Nobody may ever ask
    this.#engine.catch(() => undefined);
    this.#unused = setTimeout(() => this.#end(), UNUSED_MS);
  }

  /** The Worker, for one connection; `undefined` if there is none any more. */
  take(): Promise<LaunchedEngine> | undefined {
    const engine = this.#engine;
    this.#engine = undefined;
    clearTimeout(this.#unused);
    return engine;
  }

  #end(): void {
    this.take()?.then(
      (engine) => engine.terminate(),
      () => undefined
    );
  }
}
