import { equalBytes } from '../../utils/equal-bytes';
import { getOrSet } from '../../utils/get-or-set';
import { shareless } from '../../topics';
import type { Stream } from '../stream';
import { matcherOf } from './filter-matcher';
import { inOrder } from './message-order';
import { DEFINITION_EPOCH, type StoredMessage } from './message-segment';
import type { BirthSource, MessageSource } from './stream-replay';

/** Births that are stored, and bytes of their payloads; beyond them the oldest are given up. */
export const MAX_BIRTHS = 5_000;
export const MAX_BIRTH_BYTES = 8_000_000;

/** The namespace of Sparkplug B, and the types of its messages (Sparkplug 3.0, 4.1). */
const NAMESPACE = 'spBv1.0';
const TYPE = /^[ND](?:BIRTH|DATA|DEATH)$/;

/**
 * The filters of the births that define what messages of a filter mean: those of the edge nodes, which begin all of
 * their devices again, and those of the devices.
 *
 * @returns none if the filter matches no Sparkplug messages.
 */
export function birthFiltersOf(filter: string): string[] {
  const levels = shareless(filter).split('/');
  const wide = levels.at(-1) === '#' ? levels.length - 1 : Infinity;
  const level = (at: number): string | undefined => (at >= wide ? '+' : levels.at(at));
  // Bridges may put levels before the namespace
  const named = levels.findIndex((each, at) => at >= 2 && TYPE.test(each));
  const at = named >= 0 ? named : Math.max(0, levels.indexOf(NAMESPACE)) + 2;
  const [namespace, group, type, node] = [level(at - 2), level(at - 1), level(at), level(at + 1)];
  const isSparkplug = namespace === NAMESPACE || namespace === '+' || named >= 0;
  if (!isSparkplug || group === undefined || type === undefined || node === undefined) {
    return [];
  }
  if (type !== '+' && !TYPE.test(type)) {
    return [];
  }
  const before = [...levels.slice(0, at - 2), named >= 0 ? namespace : NAMESPACE, group].join('/');
  const births = [`${before}/NBIRTH/${node}`];
  const device = wide <= at + 2 ? '#' : levels.slice(at + 2).join('/');
  if (type.startsWith('N') || device === '') {
    return births;
  }
  return [...births, `${before}/DBIRTH/${node}/${device === '#' ? '+/#' : device}`];
}

/** The births that a stream needs; none if it does not read Sparkplug. */
export function birthFiltersOfStream({ isRecorded, spec }: Stream): string[] {
  return isRecorded && (spec.format === 'sparkplug' || spec.format === 'auto')
    ? [...new Set(spec.filters.flatMap(birthFiltersOf))]
    : [];
}

/**
 * Births of Sparkplug nodes and devices that streams have no rows of: they are from before a range, or the query does
 * not match their topics. They define what the recorded messages behind them mean.
 */
export class Births implements BirthSource {
  /** In the order of time. */
  #births: StoredMessage[] = [];

  /** @returns whether any of them is new. */
  add(messages: readonly StoredMessage[]): boolean {
    const known = new Map<string, StoredMessage[]>();
    for (const birth of this.#births) {
      getOrSet(known, birth.topic, () => []).push(birth);
    }
    const unknown = messages.filter(
      ({ topic, time, payload }) =>
        known.get(topic)?.some((each) => Math.abs(each.time - time) < 1 && equalBytes(each.payload, payload)) !== true
    );
    if (unknown.length === 0) {
      return false;
    }
    this.#births = newestWithin([...this.#births, ...unknown].toSorted(inOrder));
    return true;
  }

  isFor(stream: Stream): boolean {
    return this.#birthsOf(stream).length > 0;
  }

  /** Puts the births between the messages, as definitions. */
  replay(stream: Stream, messages: MessageSource): MessageSource {
    const births = this.#birthsOf(stream);
    return births.length === 0 ? messages : new DefinedReplay(births, messages);
  }

  #birthsOf(stream: Stream): StoredMessage[] {
    const filters = birthFiltersOfStream(stream);
    const matches = matcherOf(filters);
    return filters.length === 0 ? [] : this.#births.filter(({ topic }) => matches(topic));
  }
}

/** The last ones of a list that there is room for. */
export function newestWithin(births: StoredMessage[]): StoredMessage[] {
  let bytes = 0;
  let first = births.length;
  while (first > 0 && births.length - first < MAX_BIRTHS) {
    bytes += births[first - 1].payload.length;
    if (bytes > MAX_BIRTH_BYTES) {
      break;
    }
    first--;
  }
  return births.slice(first);
}

/** Times of arrival and of the historian differ by less than this, in milliseconds. */
const MARGIN_MS = 10_000;

function isSame(live: StoredMessage, birth: StoredMessage): boolean {
  return birth.time - live.time < MARGIN_MS && equalBytes(live.payload, birth.payload);
}

/** Messages with definitions between them, each before the messages of its time and behind those of before. */
class DefinedReplay implements MessageSource {
  readonly #births: readonly StoredMessage[];
  readonly #messages: MessageSource;
  /** The last message on each topic of a birth: streams have it as it came, and need no definition. */
  readonly #last: Map<string, StoredMessage | undefined>;
  #at = 0;
  #next: StoredMessage | undefined;

  constructor(births: readonly StoredMessage[], messages: MessageSource) {
    this.#births = births;
    this.#messages = messages;
    this.#last = new Map(births.map(({ topic }) => [topic, undefined]));
  }

  next(): StoredMessage | undefined {
    for (;;) {
      const birth = this.#births.at(this.#at);
      this.#next ??= this.#messages.next();
      const message = this.#next;
      if (birth === undefined || (message !== undefined && inOrder(message, birth) < 0)) {
        this.#next = undefined;
        if (message !== undefined && this.#last.has(message.topic)) {
          this.#last.set(message.topic, message);
        }
        return message;
      }
      this.#at++;
      const last = this.#last.get(birth.topic);
      if (last === undefined || !isSame(last, birth)) {
        return { ...birth, epoch: DEFINITION_EPOCH };
      }
    }
  }
}
