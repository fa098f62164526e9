import { FilterTrie } from '../../topics';

/** Whether a topic matches one of these filters. */
export function matcherOf(filters: readonly string[]): (topic: string) => boolean {
  const wanted = new FilterTrie<true>();
  for (const filter of filters) {
    wanted.add(filter, true);
  }
  return (topic) => wanted.match(topic).size > 0;
}
