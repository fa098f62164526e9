import { equalBytes } from '../../utils/equal-bytes';
import { getOrSet } from '../../utils/get-or-set';
import type { OwnMessages } from './history-join';
import type { KnownHistory } from './known-history';
import { isMarkName } from './marks';
import type { Replay } from './message-replay';
import { DEFINITION_EPOCH, type StoredMessage } from './message-segment';
import type { Span } from './spans';

export interface OwnOptions {
  /** Messages of this connection epoch are of the same historian, which numbers them: they are left out. */
  readonly historyEpoch: number;
  readonly span: Span;
  /** The mark up to which messages are wanted; `undefined` for all. */
  readonly mark: string | undefined;
  readonly known: Pick<KnownHistory, 'joinedFrom' | 'newerThan'>;
}

/** Times of arrival and of the historian differ by less than this, in milliseconds. */
const MARGIN_MS = 10_000;

/** A message so soon after the begin of a span may be from before it, in milliseconds. */
const WAY_MS = 250;

/** A retained message is one of so many before it: the times of messages nearby are not exact. */
const NEWEST = 8;

/**
 * Collects the live messages that a response may have as well.
 *
 * @param messages recorded messages of the response's filters, and all marks.
 */
export function ownMessages(
  messages: Replay | undefined,
  { historyEpoch, span, mark, known }: OwnOptions
): OwnMessages {
  const live = new Map<string, StoredMessage[]>();
  const retained = new Map<string, StoredMessage[]>();
  const repeated: StoredMessage[] = [];
  const newest = new Map<string, Uint8Array[]>();
  const open = new Set<string>();
  let marked: OwnMessages['marked'];
  for (let message = messages?.next(); message !== undefined; message = messages?.next()) {
    const { topic, time, epoch } = message;
    if (isMarkName(topic)) {
      // Other sessions may be behind: of these, all that comes up to the last record of the mark
      const isLast = message.qos === 0;
      if (topic === mark) {
        marked ??= { at: time, epoch };
        if (isLast) {
          break;
        }
        continue;
      }
      const isSecond = isLast && open.delete(topic);
      if (!isLast) {
        open.add(topic);
      }
      for (const [name, list] of live) {
        const from = known.joinedFrom(topic, name) + WAY_MS;
        const others = isLast && !isSecond ? [] : list.filter((each) => each.epoch !== epoch);
        const behind = new Set(isSecond ? others.slice(others.length - known.newerThan(topic, name)) : others);
        const unknown = list.filter(
          (each) => each.time < from || behind.has(each) || (isSecond && each.epoch === epoch)
        );
        if (unknown.length === 0) {
          live.delete(name);
        } else {
          live.set(name, unknown);
        }
      }
      continue;
    }
    if (epoch === marked?.epoch || epoch === DEFINITION_EPOCH) {
      continue;
    }
    if (message.retain) {
      if (newest.get(topic)?.some((payload) => equalBytes(payload, message.payload)) === true) {
        repeated.push(message);
      } else {
        add(retained, message);
      }
      continue;
    }
    const last = getOrSet(newest, topic, () => []);
    last.push(message.payload);
    if (last.length > NEWEST) {
      last.shift();
    }
    if (epoch !== historyEpoch && time >= span.from - MARGIN_MS && time <= span.to + MARGIN_MS) {
      add(live, message);
    }
  }
  return { live, retained, repeated, ...(marked === undefined ? undefined : { marked }) };
}

function add(lists: Map<string, StoredMessage[]>, message: StoredMessage): void {
  getOrSet(lists, message.topic, () => []).push(message);
}
