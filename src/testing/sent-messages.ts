import type { DataFrame, DataQueryResponse } from '@grafana/data';

/** A message that was published. */
export interface SentMessage {
  readonly topic: string;
  /** Counts the messages of the topic, from 0. */
  readonly n: number;
  readonly sentAt: number;
  /** When a panel had shown it; the time of its row lies between. Infinity for a retained message. In milliseconds. */
  shownAt: number;
  /** Whether the historian has it. */
  isRecorded: boolean;
  /** Whether the page has it: a panel of this page has shown it, or the page was subscribed when it was published. */
  isInPage: boolean;
  /** Whether the page had it live, so that it stores it over a reload. */
  isStored: boolean;
}

/** The topic of messages that are all equal; those of other topics have a number. */
export const EQUAL_TOPIC = 'n/equal';

/** The number that they have. */
export const EQUAL_NUMBER = 7;

/** The topic of retained messages. */
export const RETAINED_TOPIC = 'n/retained';

export function payloadOf(topic: string, n: number): string {
  return JSON.stringify({ n: topic === EQUAL_TOPIC ? EQUAL_NUMBER : n, id: 'x' });
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Times of the historian's messages are known this well, in milliseconds. */
const CLOCK_MS = 250;

/** What was away is away for so much longer, in milliseconds: its times are by another clock. */
const AWAY_MS = 1_000;

/** Knows every message that was published, and says what is wrong with a response. */
export class SentMessages {
  readonly #byTopic = new Map<string, SentMessage[]>();

  of(topic: string): SentMessage[] {
    let found = this.#byTopic.get(topic);
    if (found === undefined) {
      found = [];
      this.#byTopic.set(topic, found);
    }
    return found;
  }

  get all(): SentMessage[] {
    return [...this.#byTopic.values()].flat();
  }

  add(topic: string, sentAt: number): SentMessage {
    const messages = this.of(topic);
    const message = {
      topic,
      n: messages.length,
      sentAt,
      shownAt: Infinity,
      isRecorded: false,
      isInPage: false,
      isStored: false,
    };
    messages.push(message);
    return message;
  }

  /**
   * Problems that no response may have: a message twice, out of order, or one that nobody sent; and a hole without a
   * gap.
   *
   * @param read the message's number out of a value of the field.
   */
  errors(response: DataQueryResponse, field: string, read: (value: unknown) => number): string[] {
    return (response.data as DataFrame[]).flatMap((frame) => {
      const topic = frame.name ?? '';
      const values = valuesIn(frame, field).map((value) => (value === null ? null : read(value)));
      const sent = this.of(topic);
      const shown = values.filter((value) => value !== null);
      const errors: string[] = [];
      const times = valuesIn(frame, 'Time') as number[];
      const back = times.findIndex((time, at) => at > 0 && time < times[at - 1]);
      if (back > 0) {
        errors.push(`${topic}: the time of row ${back} is ${times[back - 1] - times[back]} ms before the row before`);
      }
      if (shown.length > sent.length) {
        errors.push(`${topic}: ${shown.length} rows of ${sent.length} messages`);
      }
      if (topic === EQUAL_TOPIC) {
        return errors;
      }
      let before: number | undefined;
      let isGap = false;
      for (const value of values) {
        if (value === null) {
          isGap = true;
          continue;
        }
        if (before !== undefined && value <= before) {
          errors.push(`${topic}: ${value} comes after ${before}`);
        }
        if (before !== undefined && value > before + 1 && !isGap) {
          errors.push(`${topic}: no gap for what is missing between ${before} and ${value}`);
        }
        if (!(value in sent)) {
          errors.push(`${topic}: nobody sent ${value}`);
        }
        before = value;
        isGap = false;
      }
      return errors;
    });
  }

  /**
   * Messages of the page or the historian that a response lacks, and those that should not be in it.
   *
   * @param window the range of the panel, by the page's clock.
   */
  missing(
    response: DataQueryResponse,
    topics: readonly string[],
    window: Window,
    field: string,
    read: (value: unknown) => number
  ): string[] {
    const frames = response.data as DataFrame[];
    return topics.flatMap((topic) => {
      const frame = frames.find(({ name }) => name === topic);
      const values = frame === undefined ? [] : valuesIn(frame, field).filter((value) => value !== null);
      const expected = this.of(topic).filter(
        ({ sentAt, shownAt, isRecorded, isInPage }) =>
          (isRecorded || isInPage) && sentAt >= window.from + CLOCK_MS && shownAt <= window.to - CLOCK_MS
      );
      if (topic === EQUAL_TOPIC) {
        // One that came while the historian was away cannot be told from the ones before and after, which are equal
        const unsure = this.of(topic).filter(({ isRecorded, isInPage }) => isInPage && !isRecorded).length;
        return values.length < expected.length - unsure
          ? [`${topic}: ${values.length} of ${expected.length} rows`]
          : [];
      }
      const shown = new Set(values.map(read));
      const lost = expected.filter(({ n }) => !shown.has(n));
      const extra = this.of(topic).filter(
        ({ n, sentAt, shownAt }) => shown.has(n) && (shownAt < window.from - CLOCK_MS || sentAt > window.to + CLOCK_MS)
      );
      return [
        ...(lost.length === 0 ? [] : [`${topic}: missing ${lost.map(label).join(' ')}`]),
        ...(extra.length === 0 ? [] : [`${topic}: out of range ${extra.map(label).join(' ')}`]),
      ];
    });
  }

  /**
   * Gaps in a response between a message and the next one, with nothing missing.
   *
   * @param away when the historian was away, by the page's clock: it does not know that nothing was published then.
   */
  needless(
    response: DataQueryResponse,
    away: readonly Window[],
    field: string,
    read: (value: unknown) => number
  ): string[] {
    return (response.data as DataFrame[]).flatMap((frame) => {
      const sent = this.of(frame.name ?? '');
      const values = frame.name === EQUAL_TOPIC ? [] : valuesIn(frame, field);
      return values.flatMap((value, at) => {
        const [before, after] = [values[at - 1] ?? null, values[at + 1] ?? null];
        if (value !== null || before === null || after === null || read(after) !== read(before) + 1) {
          return [];
        }
        const [from, to] = [sent[read(before)].sentAt - AWAY_MS, sent[read(after)].sentAt + AWAY_MS];
        const isAway = away.some((each) => each.from <= to && each.to >= from);
        return isAway ? [] : [`${frame.name}: a gap between ${read(before)} and ${read(after)}`];
      });
    });
  }

  /** Notes what a panel shows: the page has it from now on. */
  noteShown(response: DataQueryResponse, now: number, field: string, read: (value: unknown) => number): void {
    for (const frame of response.data as DataFrame[]) {
      const sent = this.of(frame.name ?? '');
      if (frame.name !== EQUAL_TOPIC) {
        for (const value of valuesIn(frame, field)) {
          const message = value === null ? undefined : sent[read(value)];
          if (message !== undefined) {
            message.isInPage = true;
            message.shownAt = frame.name === RETAINED_TOPIC ? Infinity : Math.min(message.shownAt, now);
          }
        }
      }
    }
  }
}

function label({ n, isRecorded, isInPage }: SentMessage): string {
  return `${n}${isRecorded ? 'h' : ''}${isInPage ? 'p' : ''}`;
}

function valuesIn(frame: DataFrame, field: string): unknown[] {
  return frame.fields.find(({ name }) => name === field)?.values ?? [];
}
