/** Callbacks that are called together when something has changed. */
export class ListenerSet {
  readonly #listeners = new Set<() => void>();

  /** Bound, so that it can be handed on by itself, as to React's `useSyncExternalStore`. @returns unsubscribes. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Calls every listener. A listener may unsubscribe itself or others, or subscribe new ones, while it is called. */
  notify(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
