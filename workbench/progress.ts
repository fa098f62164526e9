/**
 * Prints a line when a step of the start is complete, so that a slow step has a name.
 *
 * @param now in milliseconds
 */
export function createProgress(print: (text: string) => void, now: () => number = () => performance.now()) {
  const start = now();
  return async <T>(step: string | ((result: T) => string), work: Promise<T>): Promise<T> => {
    const result = await work;
    const name = typeof step === 'string' ? step : step(result);
    print(`  ${((now() - start) / 1000).toFixed(1).padStart(5)} s  ${name}\n`);
    return result;
  };
}
