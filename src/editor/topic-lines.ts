/** The topic filters of a query, one a line, without blank lines and without spaces around a filter. */
export function topicLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The text of a topic field as it is saved. */
export function tidyTopic(text: string): string {
  return topicLines(text).join('\n');
}
