/** A span of time in milliseconds since 1970; `to` is Infinity where it goes on. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans that do not touch each other, earliest first. */
export class Spans {
  #spans: Span[] = [];

  get all(): readonly Span[] {
    return this.#spans;
  }

  add({ from, to }: Span): void {
    const apart = this.#spans.filter((span) => span.to < from || span.from > to);
    const touching = this.#spans.filter((span) => !apart.includes(span));
    const joined = {
      from: Math.min(from, ...touching.map((span) => span.from)),
      to: Math.max(to, ...touching.map((span) => span.to)),
    };
    this.#spans = [...apart, joined].toSorted((a, b) => a.from - b.from);
  }

  remove({ from, to }: Span): void {
    this.#spans = this.#spans.flatMap((span) =>
      [
        { from: span.from, to: Math.min(span.to, from) },
        { from: Math.max(span.from, to), to: span.to },
      ].filter((part) => part.from < part.to)
    );
  }

  /** Whether a place is in one of the spans; the end of a span is not in it. */
  has(at: number): boolean {
    return this.#spans.some(({ from, to }) => from <= at && at < to);
  }

  /** The least span that has all of a span that these lack; `undefined` if they lack nothing. */
  missing({ from, to }: Span): Span | undefined {
    const first = this.#spans.find((span) => span.from <= from && span.to > from);
    const start = first === undefined ? from : first.to;
    const last = this.#spans.find((span) => span.from < to && span.to >= to);
    const end = last === undefined ? to : last.from;
    return start < end ? { from: start, to: end } : undefined;
  }
}
