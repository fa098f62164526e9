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

/**
 * The name of a series where the query has no legend: as short as it can be and still tell the query's series
 * apart. Named levels name a series; without them, its topic does; the field's name is left out where there is but one.
 *
 * @param alone whether the query can have but one topic and no other query is beside it.
 */
export function automaticLegend(parts: LegendParts, alone: boolean): string {
  const levels = Object.values(parts.labels).filter((value) => value !== '');
  const who = levels.length > 0 ? levels.join(' ') : parts.topic;
  if (parts.scalar) {
    return who;
  }
  return alone ? parts.field : `${who} ${parts.field}`;
}
