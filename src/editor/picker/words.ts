import { count, formatNumber } from '../../utils/format-number';
import type { TopicView } from '../../engine/explorer-protocol';

/** `1.2 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1_000) {
    return count(bytes, 'byte');
  }
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** How long ago: `3 s`, `5 min`, `2 h`, `4 d`. @param ms milliseconds. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min`;
  }
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${formatNumber(Math.floor(seconds / 86_400))} d`;
}

/** Messages a second: `12 /s`, `0.5 /s`, or per minute if they are rare. Empty if there are none. */
export function rateText(rate: number): string {
  if (rate >= 9.5) {
    return `${formatNumber(Math.round(rate))} /s`;
  }
  if (rate >= 0.95) {
    return `${rate.toFixed(1).replace(/\.0$/, '')} /s`;
  }
  return rate * 60 >= 0.5 ? `${Math.round(rate * 60)} /min` : '';
}

/** The number of topics and messages that an explorer has received, in one line. */
export function receivedText({ topics, found, messages, bytes, rate }: TopicView, search: string): string {
  const all = count(topics, 'topic');
  const often = rateText(rate);
  const received = [count(messages, 'message'), bytesText(bytes), ...(often === '' ? [] : [often])].join(', ');
  return search.trim() === '' ? `${all}, ${received}` : `${formatNumber(found)} of ${all}. Of all topics: ${received}`;
}

/** Why the list has no topic. Empty if the line below the list or a message above it says why. */
export function noneText({ topics, granted, refused, paused }: TopicView): string {
  if (topics > 0) {
    return 'No topic contains all of these words.';
  }
  return granted && refused.length === 0 && paused === undefined
    ? 'No topic yet. Retained messages appear at once, other topics with their next message.'
    : '';
}

/** The reason why an explorer does not show everything: a limit, or a pause; undefined if it does. */
export function limitText({
  paused,
  limits,
  skipped,
}: Pick<TopicView, 'paused' | 'limits' | 'skipped'>): string | undefined {
  switch (paused) {
    case 'rate':
      return `Paused: more than ${formatNumber(limits.messageRate)} messages a second. Narrow the topic tree root in the settings of the data source.`;
    case 'bytes':
      return `Paused: ${bytesText(limits.bytes)} were received. Continue to receive as much again.`;
    case 'user':
      return 'Paused: the broker sends nothing to this list.';
    default:
      return skipped === 0
        ? undefined
        : `The list has room for ${formatNumber(limits.topics)} topics: ${count(skipped, 'message')} of other topics are not shown.`;
  }
}
