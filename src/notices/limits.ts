import type { StreamSpec, StreamStats } from '../engine';
import { count, formatNumber, MAX_KEY_LENGTH, MAX_LABEL_LENGTH, PAYLOAD_LIMITS } from '../payload';

/** Where the limits are that can be raised. */
const SETTINGS = 'in the settings of the data source';

/** What was left out because messages had more of it than is looked at. */
export function leftOutTexts(
  { refusedTopics, refusedValues, longKeys }: StreamStats,
  { labels, maxSeries }: StreamSpec
): string[] {
  const texts: string[] = [];
  if (refusedTopics > 0) {
    const what = labels === undefined ? 'topics' : 'topics and labels of them';
    texts.push(
      `${formatNumber(maxSeries + refusedTopics)} ${what} match; the first ${formatNumber(maxSeries)} are shown. Narrow the topic filter, or raise "Series per query" ${SETTINGS}.`
    );
  }
  if (refusedValues > 0) {
    texts.push(
      `Messages have more fields than are shown; ${formatNumber(refusedValues)} values were left out. Name the fields that you need, or raise "Fields per series" ${SETTINGS}.`
    );
  }
  if (longKeys > 0) {
    texts.push(
      `${formatNumber(longKeys)} values have a key of more than ${formatNumber(MAX_KEY_LENGTH)} characters, and were left out. Name what they lie in as a field, with the type JSON.`
    );
  }
  return texts;
}

/** What is there, and not as it would be without a limit: for the curious, because nothing is lost. */
export function shortenedTexts(
  { deepValues, longLists, cutLabels }: StreamStats,
  { limits = PAYLOAD_LIMITS }: StreamSpec
): string[] {
  const texts: string[] = [];
  if (deepValues > 0) {
    texts.push(
      `${formatNumber(deepValues)} values lie deeper than ${count(limits.levels, 'level')}, and are shown as JSON. Name the fields that you need, or raise "Levels of nesting" ${SETTINGS}.`
    );
  }
  if (longLists > 0) {
    texts.push(
      `${formatNumber(longLists)} lists of numbers have more than ${formatNumber(limits.items)}, and are shown as JSON. Name the items that you need, such as "list[0]", or raise "Items of a list" ${SETTINGS}.`
    );
  }
  if (cutLabels > 0) {
    texts.push(
      `${formatNumber(cutLabels)} series have a label of more than ${formatNumber(MAX_LABEL_LENGTH)} characters: choose a shorter value for it. It is cut, and its last eight characters tell it from others.`
    );
  }
  return texts;
}
