import { FilterTrie } from '../topics';
import type { Stream } from './stream';

/** Topics whose streams are remembered, so that a topic is matched against the filters once. */
const MAX_REMEMBERED = 50_000;

/** A topic filter that is subscribed to, and the streams that want it. */
export interface Filter {
  readonly name: string;
  /** Its subscription identifier. */
  readonly id: number;
  /** The QoS that each stream asks for; the highest wins. */
  readonly qos: Map<Stream, 0 | 1 | 2>;
  /** The broker's answer, once it came: `undefined` within it for granted. */
  answer?: { readonly refusal: string | undefined };
}

/** Where the messages of a topic go. */
export interface Route {
  readonly stream: Stream;
  /**
   * The subscription identifier whose copy of a message counts, where the broker sends one for each filter that
   * matches (mosquitto does with MQTT 5): the lowest of those of the stream's filters that the broker has granted.
   */
  readonly id: number;
}

interface Wish {
  readonly stream: Stream;
  readonly filter: Filter;
}

/** Which streams want which filters, and so where each topic goes. Each stream gets a message once, however many of its filters match. */
export class Router {
  readonly #filters = new Map<string, Filter>();
  readonly #trie = new FilterTrie<Wish>();
  readonly #wishes = new Map<Stream, Wish[]>();
  readonly #routes = new Map<string, readonly Route[]>();
  #nextId = 1;

  /** @returns the stream's filters, each of which is to be asked of the broker: it sends their retained messages. */
  add(stream: Stream): Filter[] {
    this.#routes.clear();
    const wishes = stream.spec.filters.map((name): Wish => {
      const filter = this.#filters.get(name) ?? { name, id: this.#nextId++, qos: new Map() };
      this.#filters.set(name, filter);
      filter.qos.set(stream, stream.spec.qos);
      return { stream, filter };
    });
    for (const wish of wishes) {
      this.#trie.add(wish.filter.name, wish);
    }
    this.#wishes.set(stream, wishes);
    return wishes.map(({ filter }) => filter);
  }

  /** @returns the filters that nobody wants any longer. */
  delete(stream: Stream): Filter[] {
    this.#routes.clear();
    const wishes = this.#wishes.get(stream) ?? [];
    this.#wishes.delete(stream);
    for (const wish of wishes) {
      this.#trie.delete(wish.filter.name, wish);
      wish.filter.qos.delete(stream);
    }
    const unwanted = wishes.map(({ filter }) => filter).filter(({ qos }) => qos.size === 0);
    for (const { name } of unwanted) {
      this.#filters.delete(name);
    }
    return unwanted;
  }

  /** A stream takes the place of another one that has the same filters. */
  replace(old: Stream, stream: Stream): void {
    this.#routes.clear();
    const wishes = (this.#wishes.get(old) ?? []).map(({ filter }): Wish => ({ stream, filter }));
    for (const wish of this.#wishes.get(old) ?? []) {
      this.#trie.delete(wish.filter.name, wish);
      wish.filter.qos.delete(old);
    }
    for (const wish of wishes) {
      this.#trie.add(wish.filter.name, wish);
      wish.filter.qos.set(stream, stream.spec.qos);
    }
    this.#wishes.delete(old);
    this.#wishes.set(stream, wishes);
  }

  /** Notes the broker's answer. @returns the filter, if anybody still wants it. */
  answered(name: string, refusal: string | undefined): Filter | undefined {
    const filter = this.#filters.get(name);
    if (filter !== undefined) {
      filter.answer = { refusal };
      this.#routes.clear();
    }
    return filter;
  }

  filtersOf(stream: Stream): Filter[] {
    return (this.#wishes.get(stream) ?? []).map(({ filter }) => filter);
  }

  /** Where the messages of a topic go. */
  routes(topic: string): readonly Route[] {
    return this.#routes.get(topic) ?? this.#find(topic);
  }

  #find(topic: string): readonly Route[] {
    const found = new Map<Stream, Route>();
    for (const { stream, filter } of this.#trie.match(topic)) {
      const other = found.get(stream);
      if (filter.answer?.refusal === undefined && (other === undefined || filter.id < other.id)) {
        found.set(stream, { stream, id: filter.id });
      }
    }
    if (this.#routes.size >= MAX_REMEMBERED) {
      this.#routes.clear();
    }
    const routes = [...found.values()];
    this.#routes.set(topic, routes);
    return routes;
  }
}

export function highestQos(filter: Filter): 0 | 1 | 2 {
  return Math.max(...filter.qos.values()) as 0 | 1 | 2;
}
