/** What a legend can be made of. */
export interface LegendParts {
  readonly topic: string;
  readonly field: string;
  /** Whether the payload is one value, so that the field's name says nothing. */
  readonly scalar: boolean;
  /** Labels of the series without the topic: the named levels. */
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

/** A short name for each series: its named levels, or its topic where it has none or another series has the same. */
export function seriesTitles(series: ReadonlyArray<Pick<LegendParts, 'topic' | 'labels'>>): string[] {
  const titles = series.map(({ topic, labels }) => {
    const levels = Object.values(labels).filter((value) => value !== '');
    return levels.length > 0 ? levels.join(' ') : topic;
  });
  const count = new Map<string, number>();
  for (const title of titles) {
    count.set(title, (count.get(title) ?? 0) + 1);
  }
  return titles.map((title, i) => (count.get(title) === 1 ? title : series[i].topic));
}

/**
 * The name of a field where the query has no legend: as short as it can be and still tell the query's fields apart.
 * The field's own name is left out where the payload is one value, and the series' where there is but one.
 *
 * @param title see {@link seriesTitles}.
 * @param alone whether the query can have but one topic and no other query is beside it.
 */
export function automaticLegend({ field, scalar }: LegendParts, title: string, alone: boolean): string {
  if (scalar) {
    return title;
  }
  return alone ? field : `${title} ${field}`;
}
