/**
 * The rows of panels after hundreds of random actions, next to a list of every message that was published: no message
 * twice, and none missing but those that nobody could know, which are a gap.
 *
 * `ACTIONS=300 npx vitest run --project node src/tests/random-actions.test.ts` takes minutes, `SEED=4,6` repeats two of the runs.
 * With `MEMORY=20000`, the tab stores few of the messages, and the historian has all of them.
 */
import 'fake-indexeddb/auto';
import { setTimeout as sleep } from 'node:timers/promises';
import { dateTime } from '@grafana/data';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { mosquittoPath } from '../../testing/mosquitto';
import { seededRandom } from '../../testing/random';
import {
  type RecordedBroker,
  type RecordedBrokerOptions,
  startEmbedded,
  startWithStandalone,
} from '../testing/recorded-broker';
import { RecordedPage } from '../testing/recorded-page';
import { type Responses, responsesOf } from '../testing/responses';
import {
  EQUAL_NUMBER,
  EQUAL_TOPIC,
  payloadOf,
  RETAINED_TOPIC,
  type SentMessage,
  SentMessages,
  type Window,
} from '../testing/sent-messages';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const ACTIONS = Number(process.env['ACTIONS'] ?? 12);
const SEED = process.env['SEED'];
const MEMORY = Number(process.env['MEMORY'] ?? 16_000_000);
const EVICTS = MEMORY < 1_000_000;
const SETTLE_MS = 20_000;
const MINUTE = 60_000;

const TOPICS = ['n/0', 'n/1', EQUAL_TOPIC, RETAINED_TOPIC];

interface Edit {
  readonly query: Partial<MqttQuery>;
  readonly topics?: readonly string[];
  readonly field?: string;
  readonly read?: (value: unknown) => number;
}

const EDITS: readonly Edit[] = [
  { query: {} },
  { query: { qos: 1 } },
  { query: { topic: 'n/0' }, topics: ['n/0'] },
  { query: { topic: 'n/{name}' } },
  { query: { topic: RETAINED_TOPIC }, topics: [RETAINED_TOPIC] },
  { query: { fields: [{ path: 'n', name: 'Number', unit: 'watt' }] }, field: 'Number' },
  {
    query: { format: 'text' },
    field: 'Value',
    read: (value) => (JSON.parse(String(value)) as { n: number }).n,
  },
  { query: { fields: [{ path: 'n', type: 'string' }] }, read: Number },
];

interface Panel {
  readonly responses: Responses;
  readonly edit: Edit;
  /** Undefined: it follows the clock, over so many milliseconds. */
  readonly window: () => Window;
}

class Run {
  readonly #random: () => number;
  readonly #sent = new SentMessages();
  readonly #log: string[] = [];
  /** When the historian was away, by the page's clock. */
  readonly #away: Window[] = [];
  #page: RecordedPage;
  #anchor: Panel;
  #second: Panel | undefined;
  #answers = 0;

  constructor(
    readonly broker: RecordedBroker,
    readonly options: RecordedBrokerOptions & { readonly version: 4 | 5; readonly storage: string | undefined },
    random: () => number,
    readonly clock: { ahead: number }
  ) {
    this.#random = random;
    this.#page = this.#load();
    this.#anchor = this.#open({ query: {} }, 6 * 60 * MINUTE);
  }

  /** @returns what is wrong, with all actions that led to it; empty if nothing is. */
  async run(actions: number): Promise<string> {
    try {
      await this.#settle();
      for (let action = 0; action < actions; action++) {
        await this.#act();
        await this.#settle();
        // The way to the historian is measured by the clock: it would take 90 s
        await until('the historian to answer', () => !this.#page.isRequesting);
        this.clock.ahead += this.#below(2) === 0 ? 0 : this.#below(90_000);
      }
      return '';
    } catch (error) {
      return `${String(error)}\n${this.#log.join('\n')}`;
    } finally {
      this.#close();
      this.#page.stop();
    }
  }

  async #act(): Promise<void> {
    const actions: Array<[name: string, act: () => Promise<void> | void]> = [
      ['publish', () => this.#publish(this.#below(60))],
      ['refresh', () => this.#refresh()],
      ['edit', () => this.#edit()],
      ['zoom', () => this.#zoom()],
      ['absolute', () => this.#absolute()],
      ['reload', () => this.#reload()],
      ['cut', () => this.#cut()],
      ['restart', () => this.#restart()],
      ['historian', () => this.#restartHistorian()],
    ];
    const [name, act] = actions[this.#below(actions.length)];
    this.#log.push(name);
    await act();
  }

  #refresh(): Promise<void> {
    this.#anchor.responses.unsubscribe();
    const publishing = this.#publish(this.#below(20));
    this.#anchor = this.#open({ query: {} }, 6 * 60 * MINUTE);
    return publishing;
  }

  /** Another panel, or another query of it. */
  async #edit(): Promise<void> {
    this.#second?.responses.unsubscribe();
    const edit = EDITS[this.#below(EDITS.length)];
    this.#log.push(JSON.stringify(edit.query));
    this.#second = this.#open(edit, 60 * MINUTE);
    await this.#publish(this.#below(20));
  }

  async #zoom(): Promise<void> {
    const edit = this.#second?.edit ?? EDITS[this.#below(EDITS.length)];
    this.#second?.responses.unsubscribe();
    const minutes = [1, 5, 15, 60, 360][this.#below(5)];
    this.#log.push(`${minutes} min ${JSON.stringify(edit.query)}`);
    this.#second = this.#open(edit, minutes * MINUTE);
    await this.#publish(this.#below(20));
  }

  async #absolute(): Promise<void> {
    const now = Date.now();
    const first = this.#sent.all[0]?.sentAt ?? now - MINUTE;
    const ends = [this.#random(), this.#random()].map((part) => Math.round(first + part * (now - first)));
    const [from, to] = ends.toSorted((a, b) => a - b);
    const edit = EDITS[this.#below(EDITS.length)];
    this.#log.push(`${from - first} to ${to - first} of ${now - first} ${JSON.stringify(edit.query)}`);
    const responses = responsesOf(
      request([{ topic: 'n/+', ...edit.query }], { ...absolute(from, to), maxDataPoints: 100_000 }),
      this.#page.deps
    );
    await responses.done(SETTLE_MS);
    this.#check({ responses, edit, window: () => ({ from, to }) });
    throwAny(this.#missing({ responses, edit, window: () => ({ from, to }) }));
  }

  async #reload(): Promise<void> {
    this.#close();
    this.#page.stop();
    await until('the page to be gone', () => this.#page.isStopped);
    for (const message of this.#sent.all) {
      message.isInPage = this.options.storage !== undefined && message.isStored;
    }
    await this.#publish(this.#below(20));
    this.#page = this.#load();
    this.#anchor = this.#open({ query: {} }, 6 * 60 * MINUTE);
    this.#second = undefined;
    await this.#publish(this.#below(20));
  }

  async #cut(): Promise<void> {
    this.#page.cut();
    await this.#publish(this.#below(20));
    if (this.#below(3) === 0) {
      await this.#refresh();
    }
    await this.#publish(this.#below(20));
    this.#page.mend();
    await this.#publish(this.#below(20));
  }

  async #restart(): Promise<void> {
    const from = this.#lastSentAt;
    await this.broker.restart();
    this.#noteAway(from);
    if (!this.broker.isSeparate && !this.options.isOnDisk) {
      this.#forget();
    }
    await this.#publish(this.#below(30));
  }

  async #restartHistorian(): Promise<void> {
    if (!this.broker.isSeparate || EVICTS) {
      return;
    }
    const isAway = this.#below(3);
    this.#log.push(['page away', 'page live', 'page reloads'][isAway]);
    const from = this.#lastSentAt;
    await this.broker.stopHistorian();
    if (!this.options.isOnDisk) {
      this.#forget();
    }
    if (isAway === 0) {
      this.#page.cut();
    }
    await this.#publish(1 + this.#below(20));
    if (isAway === 2) {
      await this.#reload();
    }
    await this.broker.startHistorian();
    this.#noteAway(from);
    await this.#publish(this.#below(20));
    this.#page.mend();
  }

  /** By its own record, the historian was away from its last message on, or always if it has lost the record. */
  #noteAway(from: number): void {
    this.#away.push({ from: this.options.isOnDisk ? from : 0, to: Date.now() });
  }

  get #lastSentAt(): number {
    return Math.max(0, ...this.#sent.all.map(({ sentAt }) => sentAt));
  }

  #forget(): void {
    for (const message of this.#sent.all) {
      message.isRecorded = false;
    }
  }

  async #publish(count: number): Promise<void> {
    const { broker } = this;
    const isLive = this.#page.isLive;
    const isThere = broker.recorded !== undefined;
    const messages: SentMessage[] = [];
    const before = this.#page.received(EQUAL_TOPIC, EQUAL_NUMBER);
    for (let n = 0; n < count; n++) {
      const topic = TOPICS[this.#below(TOPICS.length)];
      const message = this.#sent.add(topic, Date.now());
      messages.push(message);
      await broker.publisher.publishAsync(topic, payloadOf(topic, message.n), {
        qos: topic === 'n/1' ? 1 : 0,
        retain: topic === RETAINED_TOPIC,
      });
      if (this.#below(10) === 0) {
        await sleep(this.#below(30));
      }
    }
    // The broker answers when it has had all messages of QoS 0
    await broker.publisher.subscribeAsync(`answer/${++this.#answers}`);
    const ranges = TOPICS.map((topic) => messages.filter((message) => message.topic === topic))
      .filter(({ length }) => length > 0)
      .map((list) => `${list[0].topic} ${list[0].n}-${list.at(-1)!.n}`);
    this.#log.push(`published${isLive ? ' live' : ''}${isThere ? '' : ' unrecorded'} ${ranges.join(', ')}`);
    if (isThere) {
      for (const message of messages) {
        message.isRecorded = true;
      }
      const expected = this.#sent.all.filter(({ isRecorded }) => isRecorded).length;
      await until(
        () => `the historian to record ${expected} messages, not ${broker.recorded}`,
        () => broker.recorded === expected
      );
    }
    // What is still on its way when the connection is lost is lost
    if (isLive && (await this.#arrived(messages, before))) {
      for (const message of messages) {
        message.isInPage = true;
        message.isStored = true;
      }
    }
  }

  /** @param before how many of the equal messages had come before these. @returns false if the page is not live. */
  async #arrived(messages: readonly SentMessage[], before: number): Promise<boolean> {
    const page = this.#page;
    const equal = messages.filter(({ topic }) => topic === EQUAL_TOPIC).length;
    const others = messages.filter(({ topic }) => topic !== EQUAL_TOPIC);
    await until(
      'the page to receive what was published',
      () =>
        !page.isLive ||
        (page.received(EQUAL_TOPIC, EQUAL_NUMBER) >= before + equal &&
          others.every(({ topic, n }) => page.received(topic, n) > 0))
    );
    return page.isLive;
  }

  async #settle(): Promise<void> {
    await until('the page to be connected', () => this.#page.isLive);
    for (const panel of this.#panels) {
      let missing: string[] = [];
      const isComplete = (): boolean => {
        missing = this.#missing(panel);
        return missing.length === 0;
      };
      await until(() => missing.join('\n'), isComplete);
      this.#check(panel);
    }
    for (const { responses, edit } of this.#panels) {
      this.#sent.noteShown(responses.last!, Date.now(), fieldOf(edit), readOf(edit));
      responses.all.splice(0, responses.all.length - 1);
    }
    const now = Date.now();
    for (const message of this.#sent.of(EQUAL_TOPIC)) {
      message.shownAt = Math.min(message.shownAt, now);
    }
  }

  get #panels(): Panel[] {
    return this.#second === undefined ? [this.#anchor] : [this.#anchor, this.#second];
  }

  #missing({ responses, edit, window }: Panel): string[] {
    if (responses.last === undefined) {
      return ['no response'];
    }
    const [field, read] = [fieldOf(edit), readOf(edit)];
    return [
      ...this.#sent.missing(responses.last, edit.topics ?? TOPICS, window(), field, read),
      ...(EVICTS ? [] : this.#sent.needless(responses.last, this.#away, field, read)),
    ];
  }

  /** All that a panel has shown so far. */
  #check({ responses, edit }: Panel): void {
    for (const response of responses.all) {
      throwAny(this.#sent.errors(response, fieldOf(edit), readOf(edit)));
    }
  }

  #load(): RecordedPage {
    const { version, storage } = this.options;
    return new RecordedPage({ url: this.broker.wsUrl, protocolVersion: version, storage, bytes: MEMORY });
  }

  #open(edit: Edit, rangeMs: number): Panel {
    const window = (): Window => ({ from: Date.now() - rangeMs, to: Infinity });
    const raw = { from: `now-${rangeMs / 1_000}s`, to: 'now' };
    const now = Date.now();
    const range = { from: dateTime(now - rangeMs), to: dateTime(now), raw };
    const responses = responsesOf(
      request([{ topic: 'n/+', ...edit.query }], { range, rangeRaw: raw, maxDataPoints: 100_000 }),
      this.#page.deps
    );
    return { responses, edit, window };
  }

  #close(): void {
    for (const { responses } of this.#panels) {
      responses.unsubscribe();
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function throwAny(errors: readonly string[]): void {
  if (errors.length > 0) {
    throw new Error(errors.join('\n'));
  }
}

function fieldOf({ field = 'n' }: Edit): string {
  return field;
}

function readOf({ read = (value) => value as number }: Edit): (value: unknown) => number {
  return read;
}

async function until(what: string | (() => string), isMet: () => boolean): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (!isMet()) {
    if (performance.now() > end) {
      throw new Error(`Waited in vain for ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(5);
  }
}

const mosquitto = mosquittoPath();
const realNow = Date.now;
let names = 0;

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each<[name: string, start: ((options: RecordedBrokerOptions) => Promise<RecordedBroker>) | undefined]>([
  ['the embedded broker', startEmbedded],
  [
    'mosquitto with a standalone historian',
    mosquitto === undefined ? undefined : (options) => startWithStandalone(mosquitto, options),
  ],
])('with %s', (_name, start) => {
  test.skipIf(start === undefined).each(SEED === undefined ? [1, 2, 3, 4, 5] : SEED.split(',').map(Number))(
    `${ACTIONS} random actions with the seed %i: each message once, none missing`,
    async (seed) => {
      const random = seededRandom(seed);
      const clock = { ahead: 0 };
      vi.spyOn(Date, 'now').mockImplementation(() => realNow() + clock.ahead);
      const options = {
        aheadMs: [0, 3_600_000, 86_400_000][seed % 3],
        isOnDisk: EVICTS || seed % 2 === 0,
        version: random() < 0.5 && _name.startsWith('mosquitto') ? (5 as const) : (4 as const),
        storage: random() < 0.5 ? `random actions ${++names}` : undefined,
      };
      await using broker = await start!(options);
      expect(await new Run(broker, options, random, clock).run(ACTIONS)).toBe('');
    },
    60_000 + ACTIONS * 10_000
  );
});
