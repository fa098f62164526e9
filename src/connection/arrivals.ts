/** Topics that are remembered, those whose message came last. */
const MAX_TOPICS = 10_000;

/**
 * When the broker has sent retained messages whose rows are at their own times, because a historian has them; by topic,
 * in milliseconds since 1970.
 */
export class Arrivals {
  readonly byTopic = new Map<string, number>();

  add(arrivals: ReadonlyMap<string, number>): void {
    for (const [topic, arrival] of arrivals) {
      this.byTopic.delete(topic);
      this.byTopic.set(topic, arrival);
    }
    for (const oldest of [...this.byTopic.keys()].slice(0, -MAX_TOPICS)) {
      this.byTopic.delete(oldest);
    }
  }
}
