/** Maximum lines about clients per second. Further ones are counted. */
const PER_SECOND = 20;

/**
 * Limits the log lines that clients cause: an attack, or a device that reconnects every millisecond, must not fill the
 * disk.
 *
 * @param onSkipped called at the end of a second with the number of skipped lines, if there were any
 * @returns whether the next line may be logged
 */
export function createLogLimit(onSkipped: (count: number) => void, perSecond = PER_SECOND): () => boolean {
  let lines = 0;
  let timer: NodeJS.Timeout | undefined;
  return () => {
    lines += 1;
    timer ??= setTimeout(() => {
      const skipped = lines - perSecond;
      lines = 0;
      timer = undefined;
      if (skipped > 0) {
        onSkipped(skipped);
      }
    }, 1_000).unref();
    return lines <= perSecond;
  };
}
