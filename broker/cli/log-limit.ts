/** Lines about clients in a second, before the rest of that second is only counted. */
const PER_SECOND = 20;

/**
 * Bounds how much clients can make the log say: an attack, or a device that tries once a millisecond, must not fill the
 * disk.
 *
 * @param passed told at the end of a second how many were left out, when any were
 */
export function createLogLimit(passed: (leftOut: number) => void, perSecond = PER_SECOND): () => boolean {
  let lines = 0;
  let timer: NodeJS.Timeout | undefined;
  return () => {
    lines += 1;
    timer ??= setTimeout(() => {
      const leftOut = lines - perSecond;
      lines = 0;
      timer = undefined;
      if (leftOut > 0) {
        passed(leftOut);
      }
    }, 1_000).unref();
    return lines <= perSecond;
  };
}
