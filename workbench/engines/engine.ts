/** A browser with one page, as far as the suite needs it. */
export interface Engine extends AsyncDisposable {
  /** The browser's own name and version: `firefox/153.8.0`. */
  readonly version: string;
  /** Loads a page, and waits for its `load` event. */
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  /** @returns the value of an expression in the page, awaited if it is a promise. It must be JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Clicks in the middle of an element, as a mouse does. @param selector of CSS. */
  click(selector: string): Promise<void>;
  /** Hides the page, so that `document.visibilityState` is `hidden`. */
  hide(): Promise<void>;
  show(): Promise<void>;
  /** What the window shows, as a PNG file. */
  screenshot(): Promise<Uint8Array>;
}

export const WINDOW = { width: 1280, height: 1000 };
