import { covers, findOverlapping, findTopics, isWide, isShared, TopicTree } from '../topics';
import type { Stream } from './stream';

type Qos = 0 | 1 | 2;

/** A filter that streams want. */
export interface WantedFilter {
  readonly name: string;
  /** The QoS that each stream asks for; the highest wins. */
  readonly qos: Map<Stream, Qos>;
  /** Why it is not subscribed, if the broker has refused it. */
  refusal: string | undefined;
  /** It is not the broker that refused it: there is no session for it now, and may be one soon. */
  isWaiting: boolean;
  /** The broker has had the time to send its retained messages. */
  isChecked: boolean;
}

/** The filters that streams want, each once. */
export class WantedFilters {
  readonly #byName = new Map<string, WantedFilter>();
  readonly #tree = new TopicTree<WantedFilter>();

  all(): WantedFilter[] {
    return [...this.#byName.values()];
  }

  /** The wanted filters that a filter covers, and itself. */
  inside(filter: string): WantedFilter[] {
    const own = this.#byName.get(filter);
    const found = isWide(filter) ? [...findTopics(this.#tree, filter)].filter(({ name }) => covers(filter, name)) : [];
    return own === undefined || found.includes(own) ? found : [...found, own];
  }

  /** The wanted filters that have a topic in common with a filter. */
  overlapping(filter: string): WantedFilter[] {
    return findOverlapping(this.#tree, filter);
  }

  get(name: string): WantedFilter | undefined {
    return this.#byName.get(name);
  }

  /** @returns the filters of the stream. What the broker has refused may be allowed now. */
  add(stream: Stream): WantedFilter[] {
    const { spec } = stream;
    return spec.filters.map((name) => {
      const wanted: WantedFilter = this.#byName.get(name) ?? {
        name,
        qos: new Map(),
        refusal: undefined,
        isWaiting: false,
        isChecked: false,
      };
      this.#byName.set(name, wanted);
      this.#tree.set(name, wanted);
      wanted.qos.set(stream, spec.qos);
      wanted.refusal = undefined;
      return wanted;
    });
  }

  delete(stream: Stream): void {
    for (const name of stream.spec.filters) {
      const wanted = this.#byName.get(name);
      wanted?.qos.delete(stream);
      if (wanted?.qos.size === 0) {
        this.#byName.delete(name);
        this.#tree.delete(name);
      }
    }
  }

  /** A stream takes the place of another one that has the same filters. */
  replace(old: Stream, stream: Stream): void {
    for (const name of old.spec.filters) {
      const wanted = this.#byName.get(name);
      wanted?.qos.delete(old);
      wanted?.qos.set(stream, stream.spec.qos);
    }
  }

  /**
   * Whether a filter may stand for another one. What only collects topics or announcements comes and goes, and must not
   * take along what panels show.
   */
  mayCover(filter: string, wanted: WantedFilter): boolean {
    if (filter === wanted.name || !isWide(filter) || isShared(filter) || isShared(wanted.name)) {
      return false;
    }
    const own = this.#byName.get(filter);
    const isFit = own !== undefined && own.refusal === undefined && isRecorded(own) && isRecorded(wanted);
    return isFit && covers(filter, wanted.name);
  }
}

export function highestQos({ qos }: WantedFilter): Qos {
  return Math.max(...qos.values()) as Qos;
}

function isRecorded({ qos }: WantedFilter): boolean {
  return [...qos.keys()].some((stream) => stream.isRecorded);
}
