import { getOrSet } from '../../utils/get-or-set';
import type { HistoryMessage } from './history-response';
import { FIRST_HISTORY_EPOCH } from './message-segment';
import { Spans } from './spans';

/** Joined responses whose marks are remembered. */
const MAX_MARKS = 100;

interface JoinedMark {
  readonly matches: (topic: string) => boolean;
  /** The beginning of the span, in milliseconds since 1970. */
  readonly from: number;
  /** See `HistoryJoin.newer`. */
  readonly newer: ReadonlyMap<string, number>;
}

/** The sequences of messages of a historian that have come in earlier responses. */
export class KnownHistory {
  #run: string | undefined;
  #runs = 0;
  readonly #sequences = new Map<string, Spans>();
  readonly #marks = new Map<string, JoinedMark>();

  /**
   * @param run of the historian; with another run, nothing is known: its sequences are others.
   * @returns the epoch of its messages; 0, as for messages of before, where it has no sequences.
   */
  epochOf(run: string | undefined): number {
    if (run === undefined) {
      return 0;
    }
    if (run !== this.#run) {
      this.#run = run;
      this.#runs++;
      this.#sequences.clear();
      this.#marks.clear();
    }
    return FIRST_HISTORY_EPOCH + this.#runs;
  }

  has({ topic, sequence }: HistoryMessage): boolean {
    return sequence !== undefined && this.#sequences.get(topic)?.has(sequence) === true;
  }

  /** @param messages in the order of time. */
  add(messages: readonly HistoryMessage[]): void {
    const ranges = new Map<string, { from: number; to: number }>();
    for (const { topic, sequence } of messages) {
      if (sequence !== undefined) {
        const range = ranges.get(topic);
        if (range?.to === sequence) {
          range.to = sequence + 1;
        } else {
          this.#addRange(topic, range);
          ranges.set(topic, { from: sequence, to: sequence + 1 });
        }
      }
    }
    for (const [topic, range] of ranges) {
      this.#addRange(topic, range);
    }
  }

  /** A response that ended at a mark has been joined: live messages of its span, up to the mark, are known. */
  addMark(mark: string, joined: JoinedMark): void {
    this.#marks.set(mark, joined);
    if (this.#marks.size > MAX_MARKS) {
      this.#marks.delete(this.#marks.keys().next().value!);
    }
  }

  /** From when on the live messages of a topic before a mark are known, in milliseconds since 1970; Infinity if never. */
  joinedFrom(mark: string, topic: string): number {
    const joined = this.#marks.get(mark);
    return joined?.matches(topic) === true ? joined.from : Infinity;
  }

  /** How many of the last live messages before the last record of a mark are behind it, of sessions that have no mark. */
  newerThan(mark: string, topic: string): number {
    return this.#marks.get(mark)?.newer.get(topic) ?? 0;
  }

  #addRange(topic: string, range: { from: number; to: number } | undefined): void {
    if (range !== undefined) {
      getOrSet(this.#sequences, topic, () => new Spans()).add(range);
    }
  }
}
