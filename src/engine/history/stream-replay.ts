import type { Stream } from '../stream';
import { matcherOf } from './filter-matcher';
import { isMarkName } from './marks';
import type { Replay } from './message-replay';
import type { MessageRing } from './message-ring';
import type { StoredMessage } from './message-segment';

/** Reads messages one after the other; see `Replay`. */
export interface MessageSource {
  next(): StoredMessage | undefined;
}

/** Births that streams need in addition to what is recorded. */
export interface BirthSource {
  replay(stream: Stream, messages: MessageSource): MessageSource;
}

/** The messages that a stream is handed; notes at the stream what is no longer among them. */
export function replayOf(ring: MessageRing, stream: Stream, births: BirthSource | undefined): MessageSource {
  const matches = matcherOf(stream.spec.filters);
  const lost = ring.lost(matches);
  stream.lost = lost.size === 0 ? undefined : lost;
  const replay = ring.replay(matches);
  return births?.replay(stream, replay) ?? replay;
}

/** Whether a topic's messages are written to the browser's storage: not marks. */
export function isWritten(topic: string): boolean {
  return !isMarkName(topic);
}

/** The messages that a replay has left. */
export function* each(replay: Replay | undefined): Generator<StoredMessage> {
  for (let message = replay?.next(); message !== undefined; message = replay?.next()) {
    yield message;
  }
}
