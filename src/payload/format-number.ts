/** Made once: constructing one takes longer than formatting a hundred numbers. */
const digits = new Intl.NumberFormat('en-US');

/** A number as it stands in a sentence: `10,000`. */
export function formatNumber(n: number): string {
  return digits.format(n);
}

/** A number and its noun: `1 byte`, `2,000 bytes`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(n)} ${n === 1 ? noun : plural}`;
}
