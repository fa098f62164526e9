/** The parts of a URL; `undefined` for a text that is not a complete URL. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
