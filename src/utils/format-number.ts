/** Made once: constructing one takes longer than formatting a hundred numbers. */
const digits = new Intl.NumberFormat('en-US');

/** A number as it stands in a sentence: `10,000`. */
export function formatNumber(n: number): string {
  return digits.format(n);
}

/** The word that agrees with a number: `plural(n, 'is', 'are')`. */
export function plural(n: number, one: string, several: string): string {
  return n === 1 ? one : several;
}

/** A number and its noun: `1 byte`, `2,000 bytes`. */
export function count(n: number, noun: string, several = `${noun}s`): string {
  return `${formatNumber(n)} ${plural(n, noun, several)}`;
}
