import { covers, overlaps } from '../../src/topics';

/** A filter that a historian subscribes to. */
export interface RecordedSubscription {
  readonly filter: string;
  /** The filters that it stands for; where the broker refuses it, each of them is subscribed. */
  readonly parts: readonly string[];
}

/**
 * Subscriptions that bring each message once. Of overlapping subscriptions of one client, some brokers deliver one copy
 * and others a copy for each [MQTT5-3.3.4], so none of these overlap: those that do have one common cover.
 *
 * @param recorded filters of the messages to record
 * @param reserved filters of requests and marks; those that a recorded filter covers need no subscription
 * @returns the subscriptions to recorded messages, and the reserved filters that need one of their own
 */
export function disjointSubscriptions(
  recorded: readonly string[],
  reserved: readonly string[]
): { recorded: RecordedSubscription[]; reserved: string[] } {
  let found: RecordedSubscription[] = [];
  for (const filter of recorded) {
    found = add(found, { filter, parts: [filter] });
  }
  for (const filter of reserved) {
    if (found.some((each) => each.filter !== filter && overlaps(each.filter, filter))) {
      found = add(found, { filter, parts: [filter] });
    }
  }
  return { recorded: found, reserved: reserved.filter((filter) => !found.some((each) => covers(each.filter, filter))) };
}

function add(all: readonly RecordedSubscription[], added: RecordedSubscription): RecordedSubscription[] {
  const other = all.find(({ filter }) => overlaps(filter, added.filter));
  if (other === undefined) {
    return [...all, added];
  }
  const filter = commonCover(other.filter, added.filter);
  const parts = [...other.parts, ...added.parts];
  // The cover may overlap others
  return add(
    all.filter((each) => each !== other),
    { filter, parts }
  );
}

/** The narrowest filter that covers both. */
export function commonCover(one: string, other: string): string {
  if (covers(one, other)) {
    return one;
  }
  if (covers(other, one)) {
    return other;
  }
  const [left, right] = [one.split('/'), other.split('/')];
  const cover: string[] = [];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    if (left[at] === undefined || right[at] === undefined || left[at] === '#' || right[at] === '#') {
      return [...cover, '#'].join('/');
    }
    cover.push(left[at] === right[at] ? left[at] : '+');
  }
  return cover.join('/');
}
