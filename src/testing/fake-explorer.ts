import type { ExplorerClient } from '../connection/explorer-client';
import {
  EXPLORER_LIMITS,
  type MessageQuery,
  type MessageView,
  type TopicQuery,
  type TopicView,
} from '../engine/explorer-protocol';
import { TopicIndex } from '../engine/explorer/topic-index';

type Explored = Pick<
  ExplorerClient,
  | 'status'
  | 'view'
  | 'messages'
  | 'inspect'
  | 'seed'
  | 'open'
  | 'onChange'
  | 'show'
  | 'toggle'
  | 'include'
  | 'pause'
  | 'complete'
  | 'export'
>;

/** An explorer whose broker has these topics, with the real tree, in this thread. */
export class FakeExplorer implements Explored {
  readonly #index = new TopicIndex(EXPLORER_LIMITS.topics, 0);
  readonly #listeners = new Set<() => void>();
  #query: TopicQuery = { search: '', first: 0, count: 0 };
  #over: Partial<TopicView> = {};
  readonly included: string[] = [];
  opened = 0;
  status: ExplorerClient['status'] = {
    state: 'connected',
    since: 0,
    protocolVersion: 5,
    sessionPresent: false,
    connectMs: 1,
  };
  view: TopicView | undefined;
  messages: MessageView | undefined;
  inspected: MessageQuery | undefined;
  readonly seeded: string[] = [];

  constructor(topics: Readonly<Record<string, string>>) {
    for (const [topic, payload] of Object.entries(topics)) {
      this.#index.add(topic, new TextEncoder().encode(payload), true, 0);
    }
  }

  /** The explorer as what components need. */
  get client(): ExplorerClient {
    return this as unknown as ExplorerClient;
  }

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  open(): () => void {
    this.opened++;
    return () => {
      this.opened--;
    };
  }

  show(query: TopicQuery): void {
    this.#query = query;
    this.#update();
  }

  inspect(query: MessageQuery): void {
    this.inspected = query;
  }

  seed(topic: string): void {
    this.seeded.push(topic);
  }

  setMessages(view: MessageView): void {
    this.messages = view;
    this.#listeners.forEach((listener) => listener());
  }

  toggle(path: string, open: boolean): void {
    this.#index.toggle(path, open);
    this.#update();
  }

  include(filter: string, included: boolean): void {
    this.included.splice(0, Infinity, ...(included ? [filter] : []));
  }

  pause(paused: boolean): void {
    this.override(paused ? { paused: 'user' } : {});
  }

  export(): Promise<string> {
    return Promise.resolve('{}\n');
  }

  complete(line: string): ReturnType<ExplorerClient['complete']> {
    return Promise.resolve(this.#index.complete(line));
  }

  /** Replaces parts of the view. */
  override(over: Partial<TopicView>): void {
    this.#over = over;
    this.#update();
  }

  #update(): void {
    const { total, first, rows } = this.#index.rows(this.#query, 0);
    const { filter } = this.#query;
    this.view = {
      now: 0,
      topics: this.#index.size,
      found: this.#index.found,
      messages: this.#index.messages,
      bytes: this.#index.bytes,
      rate: 0,
      skipped: 0,
      limits: EXPLORER_LIMITS,
      refused: [],
      granted: true,
      total,
      first,
      rows,
      ...(filter === undefined ? undefined : { matches: this.#index.matches(filter) }),
      ...this.#over,
    };
    this.#listeners.forEach((listener) => listener());
  }
}
