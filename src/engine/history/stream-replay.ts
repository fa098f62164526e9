import type { LostMessages } from '../protocol';
import type { Stream } from '../stream';
import { matcherOf } from './filter-matcher';
import { isMarkName } from './marks';
import type { Replay } from './message-replay';
import type { MessageRing } from './message-ring';
import type { StoredMessage } from './message-segment';

/** Messages that a stream is handed. */
export interface StreamReplay {
  readonly replay: Replay;
  /** The range of messages that was no longer stored when it began. */
  readonly lost: LostMessages | undefined;
}

export function replayOf(ring: MessageRing, { spec }: Stream): StreamReplay {
  const matches = matcherOf(spec.filters);
  const lost = ring.lost(matches);
  return { replay: ring.replay(matches), lost: lost.size === 0 ? undefined : lost };
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
