import { publishPacket } from '../../testing/mqtt-bytes';
import { concat } from '../../src/utils/concat';

/** One topic per panel, of twenty characters, as in the measurements behind the targets. */
export const TOPICS = [0, 1, 2, 3].map(topicOf);

function topicOf(panel: number): string {
  return `bench/panel${panel}/reading`;
}

/** The same with a label for each panel. */
export const NAMED_TOPICS = 'bench/{panel}/reading';

export const ALL_TOPICS = 'bench/+/reading';

/** The order `sawtoothMs` of the rows that draw. */
export const SAWTOOTH_MS = 10_000;

const DISTINCT = 256;

/** The n-th payload: a number that changes and a text that does not. */
export function payloadText(n: number): string {
  return `{"v":${(20 + Math.sin(n) * 5).toFixed(2)},"name":"x"}`;
}

/** The n-th message, on topics that take turns. */
export function message(n: number, topics = TOPICS.length): Uint8Array {
  return publishPacket(topicOf(n % topics), payloadText(n));
}

/** The n-th topic of a historian. */
export function pastTopic(n: number): string {
  return `past/${n}`;
}

/** Chunks of `messagesEach` messages, prepared before the measurement and sent in rotation. */
export function pieces(messagesEach: number, topics = TOPICS.length): Uint8Array[] {
  const count = Math.max(1, Math.ceil(topics / messagesEach), Math.floor(DISTINCT / messagesEach));
  return Array.from({ length: count }, (_, piece) =>
    concat(Array.from({ length: messagesEach }, (_, i) => message(piece * messagesEach + i, topics)))
  );
}
