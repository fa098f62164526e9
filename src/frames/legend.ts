import { compareNatural } from '../utils/compare-natural';

/** The values that a legend can be made of. */
export interface LegendParts {
  readonly topic: string;
  readonly field: string;
  /** Whether the payload is one value, so that the field's name says nothing. */
  readonly scalar: boolean;
  /** Labels of the series without the topic: the named levels, and those of its messages. */
  readonly labels: Readonly<Record<string, string>>;
}

/** `{{room}} {{field}}` with the values of a series put in; a name that does not exist stays as it is written. */
export function renderLegend(template: string, parts: LegendParts): string {
  return template.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (written, name: string) => {
    if (name === 'topic') {
      return parts.topic;
    }
    if (name === 'field') {
      return parts.field;
    }
    return Object.hasOwn(parts.labels, name) ? parts.labels[name] : written;
  });
}

type Named = Pick<LegendParts, 'topic' | 'labels'>;

/**
 * A short name for each series: the query's, else its labels, or its topic where it has none or another series has the
 * same; and both where even that does not tell it from another.
 *
 * @param title the query's short name for a series, if it has one.
 */
export function seriesTitles(
  series: readonly Named[],
  title?: (topic: string, labels: Named['labels']) => string | undefined
): string[] {
  const titles = series.map(({ topic, labels }) => title?.(topic, labels) || labelText(labels) || topic);
  const topics = unlikeOthers(titles, (i) => series[i].topic);
  return unlikeOthers(topics, (i) => `${series[i].topic} ${labelText(series[i].labels)}`.trim());
}

/** The names, and another for each that is not the only one of its kind. */
function unlikeOthers(names: readonly string[], another: (i: number) => string): string[] {
  const count = new Map<string, number>();
  for (const name of names) {
    count.set(name, (count.get(name) ?? 0) + 1);
  }
  return names.map((name, i) => (count.get(name) === 1 ? name : another(i)));
}

function labelText(labels: Named['labels']): string {
  return Object.values(labels)
    .filter((value) => value !== '')
    .join(' ');
}

/** By topic, and by labels within a topic, as people count: `dev2` comes before `dev10`. */
export function compareSeries(a: Named, b: Named): number {
  return compareNatural(a.topic, b.topic) || compareNatural(labelText(a.labels), labelText(b.labels));
}

/**
 * The name of a field where the query has no legend: as short as it can be and still tell the query's fields apart.
 * The field's own name is left out where the payload is one value, and the series' where there is but one.
 *
 * @param title see {@link seriesTitles}.
 * @param alone whether the query can have only one topic, and the panel has no other query.
 */
export function automaticLegend({ field, scalar }: LegendParts, title: string, alone: boolean): string {
  if (scalar) {
    return title;
  }
  return alone ? field : `${title} ${field}`;
}
