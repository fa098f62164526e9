import type { StreamSpec, StreamStats } from '../engine';
import { MAX_KEY_LENGTH, MAX_LABEL_LENGTH, PAYLOAD_LIMITS } from '../payload';
import { count, formatNumber, plural } from '../utils/format-number';

/** The place where a user raises a limit, in words. */
const SETTINGS = 'in the settings of the data source';

/** Sentences about what limits left out. `stream.ts` says how to add one. */
export function limitWarnings(
  { refusedTopics, refusedValues, longKeys }: StreamStats,
  { labels, maxSeries }: StreamSpec
): string[] {
  const texts: string[] = [];
  if (refusedTopics > 0) {
    const series = labels === undefined ? 'topics' : 'topics and sets of labels';
    texts.push(
      `${formatNumber(maxSeries + refusedTopics)} ${series} match the query, and the first ${formatNumber(maxSeries)} are shown. Narrow the topic filter, or raise "Series per query" ${SETTINGS}.`
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
