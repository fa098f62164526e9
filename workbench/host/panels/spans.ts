/** A time in which a value stays the same. */
export interface Span {
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  text: string;
  color: string;
}

export interface Lane {
  name: string;
  spans: Span[];
}

/** The values of a field as spans within a time range. Null ends a span, and a value lasts until the next one. */
export function spansOf(
  times: readonly number[],
  values: readonly unknown[],
  range: { from: number; to: number },
  show: (value: unknown) => Pick<Span, 'text' | 'color'>
): Span[] {
  const spans: Span[] = [];
  for (const [row, value] of values.entries()) {
    if (value === undefined) {
      continue; // A field of a message that left it out
    }
    const from = Math.max(range.from, times[row]);
    const next = values.findIndex((each, index) => index > row && each !== undefined);
    const to = Math.min(range.to, next === -1 ? range.to : times[next]);
    if (value === null || to <= from) {
      continue;
    }
    const shown = show(value);
    const last = spans.at(-1);
    if (last !== undefined && last.to === from && last.text === shown.text && last.color === shown.color) {
      last.to = to;
    } else {
      spans.push({ from, to, ...shown });
    }
  }
  return spans;
}
