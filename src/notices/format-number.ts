/** Kept: making one takes longer than making a packet. */
const digits = new Intl.NumberFormat('en-US');

/** A number as it stands in a sentence. */
export function formatNumber(n: number): string {
  return digits.format(n);
}
