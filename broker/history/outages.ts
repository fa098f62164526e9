import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../replace-file';

/** A time in which a historian recorded nothing, in milliseconds since 1970. */
export type Outage = readonly [from: number, to: number];

/** Outages that are remembered, the newest. */
const MAX_OUTAGES = 100;

/** Next to the files of the database, which ignores it. */
const FILE = 'outages.json';

interface Saved {
  readonly outages: readonly Outage[];
  /** When the historian was closed; left out while it runs. */
  readonly closedAt?: number;
}

/** When a historian was away, so that messages may be missing: before its start, and without its broker. */
export class Outages {
  #all: Outage[] = [];
  #since: number | undefined;
  readonly #directory: string | undefined;
  #saving: Promise<void> = Promise.resolve();

  /** @param directory stores them over a restart; default: memory only */
  constructor(directory?: string) {
    this.#directory = directory;
  }

  /**
   * Loads those of earlier runs. What is not known of them is one outage, until now.
   *
   * @param newest time of the newest message of earlier runs, in milliseconds since 1970; 0 if there is none
   * @param now milliseconds since 1970
   */
  async open(newest: number, now: number): Promise<void> {
    const { outages, closedAt = 0 } = await this.#load();
    this.#all = outages.filter(([, to]) => to <= now);
    this.#add(Math.max(newest, closedAt), now);
    await this.#save();
  }

  /** The connection to the broker is lost. @param at when it was heard last, in milliseconds since 1970 */
  begin(at: number): void {
    this.#since ??= at;
  }

  /** The historian records again. @param at milliseconds since 1970 */
  end(at: number): void {
    if (this.#since !== undefined) {
      this.#add(this.#since, at);
      this.#since = undefined;
      void this.#save();
    }
  }

  /** A message of the past was recorded: what was before it is known. @param time milliseconds since 1970 */
  import(time: number): void {
    const [first] = this.#all;
    if (first !== undefined && first[0] < time && time <= first[1]) {
      this.#all[0] = [time, first[1]];
    }
  }

  /**
   * Messages of the past were recorded, and between these times there was no other.
   *
   * @param from time of the first of them, in milliseconds since 1970
   * @param until milliseconds since 1970
   */
  complete(from: number, until: number): void {
    this.#all = this.#all.flatMap((outage, n): Outage[] => {
      const [begin, end] = outage;
      if (end <= from || begin >= until) {
        return [outage];
      }
      // The time before the first message of all is known, as with import
      const before: Outage[] = n > 0 && begin < from ? [[begin, from]] : [];
      return until < end ? [...before, [Math.max(begin, until), end]] : before;
    });
  }

  /** Those that a range has a part of. */
  within(from: number, to: number): readonly Outage[] {
    return this.#all.filter((outage) => outage[1] > from && outage[0] < to);
  }

  /** @param at milliseconds since 1970 */
  async close(at: number): Promise<void> {
    await this.#save(Math.min(at, this.#since ?? at));
  }

  #add(from: number, to: number): void {
    if (from < to) {
      this.#all = [...this.#all, [from, to] as const].slice(-MAX_OUTAGES);
    }
  }

  async #load(): Promise<Saved> {
    try {
      const text = this.#path === undefined ? '{}' : await readFile(this.#path, 'utf8');
      const saved = JSON.parse(text) as Partial<Saved>;
      return { ...saved, outages: Array.isArray(saved.outages) ? saved.outages : [] };
    } catch {
      // The first run, or one of a version that did not know outages
      return { outages: [] };
    }
  }

  /** Never rejects: a disk that fails is reported with the messages. */
  #save(closedAt?: number): Promise<void> {
    const path = this.#path;
    if (path !== undefined) {
      const saved: Saved = { outages: this.#all, ...(closedAt === undefined ? undefined : { closedAt }) };
      this.#saving = this.#saving.then(() => replaceFile(path, JSON.stringify(saved))).catch(() => {});
    }
    return this.#saving;
  }

  get #path(): string | undefined {
    return this.#directory === undefined ? undefined : join(this.#directory, FILE);
  }
}
