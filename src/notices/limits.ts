import type { SharedStream } from '../connection/shared-stream';
import type { StreamSpec, StreamStats } from '../engine';
import { MAX_KEY_LENGTH, MAX_LABEL_LENGTH, PAYLOAD_LIMITS } from '../payload';
import { count, formatNumber, plural } from '../utils/format-number';

/** The place where a user raises a limit, in words. */
const SETTINGS = 'in the settings of the data source';

/**
 * Sentences about what limits left out. `stream.ts` says how to add one.
 *
 * @param shownSeries the series that a response of the query has, at most.
 */
export function limitWarnings(
  { series, stats: { refusedTopics, refusedValues, longKeys }, spec: { labels, maxSeries } }: SharedStream,
  shownSeries: number
): string[] {
  const texts: string[] = [];
  const shown = Math.min(shownSeries, maxSeries);
  if (refusedTopics > 0 || series.length > shown) {
    const what = labels === undefined ? 'topics' : 'topics and sets of labels';
    const all = formatNumber((refusedTopics > 0 ? maxSeries : series.length) + refusedTopics);
    const instead = shown < maxSeries ? ` show up to ${formatNumber(maxSeries)} as a table or as latest values,` : '';
    texts.push(
      `${all} ${what} match the query, and the first ${formatNumber(shown)} are shown. Narrow the topic filter,${instead} or raise "Series per query" ${SETTINGS}.`
    );
  }
  if (refusedValues > 0) {
    texts.push(
      `Messages have more fields than a series may have, and ${count(refusedValues, 'value')} ${plural(refusedValues, 'was', 'were')} left out. Name the fields that you need, or raise "Fields per series" ${SETTINGS}.`
    );
  }
  if (longKeys > 0) {
    texts.push(
      `${count(longKeys, 'value')} with a key of more than ${formatNumber(MAX_KEY_LENGTH)} characters ${plural(longKeys, 'was', 'were')} left out. Name the object that has such keys as a field, with the type JSON.`
    );
  }
  return texts;
}

/** Sentences about values that limits changed without losing any of them. */
export function limitInfos(
  { deepValues, longLists, cutLabels }: StreamStats,
  { limits = PAYLOAD_LIMITS }: StreamSpec
): string[] {
  const texts: string[] = [];
  if (deepValues > 0) {
    texts.push(
      `${count(deepValues, 'value')} nested deeper than ${count(limits.levels, 'level')} ${plural(deepValues, 'is', 'are')} shown as JSON. Name the fields that you need, or raise "Levels of nesting" ${SETTINGS}.`
    );
  }
  if (longLists > 0) {
    texts.push(
      `${count(longLists, 'list of numbers', 'lists of numbers')} with more than ${formatNumber(limits.items)} items ${plural(longLists, 'is', 'are')} shown as JSON. Name the items that you need, such as "list[0]", or raise "Items of a list" ${SETTINGS}.`
    );
  }
  if (cutLabels > 0) {
    texts.push(
      `${count(cutLabels, 'series', 'series')} ${plural(cutLabels, 'has', 'have')} a label of more than ${formatNumber(MAX_LABEL_LENGTH)} characters, which is shortened. Its last eight characters distinguish it from other labels. Choose a shorter value for the label.`
    );
  }
  return texts;
}
