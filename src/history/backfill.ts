import type { DataQueryRequest } from '@grafana/data';
import type { SeriesView } from '../frames';
import { RETAINED } from '../payload';
import type { SharedStream } from '../connection/shared-stream';
import type { Replace } from '../topics';
import type { BackfillChoice, MqttQuery } from '../types';
import { count, plural } from '../utils/format-number';
import { getOrSet } from '../utils/get-or-set';
import { BackfillPool } from './backfill-pool';
import type { BackfillResult, DataSourceFinder } from './backfill-result';
import { labelsOf, matchPast, type PastColumns } from './match-past';
import type { BackfillPart } from './backfill-part';
import type { PastField } from './past-fields';
import { readParts } from './read-parts';
import { pastFrame } from './past-frame';
import { pivotPast } from './pivot-past';
import { seriesOfPast, type SeriesNames } from './past-series';

/** So many series are named in a notice. */
const MAX_NAMED = 3;

/** Rows of retained messages at the beginning of a series; a topic has one, a payload may have several rows. */
const MAX_RETAINED = 100;

interface Joined {
  readonly parts: readonly BackfillPart[];
  readonly columns: ReadonlyArray<SeriesView['frame']['columns']>;
  /** Older rows, for each of the query's series that has some. */
  readonly pasts: ReadonlyMap<SeriesView['frame'], SeriesView['frame']>;
  /** Series that have rows in the other data source only. */
  readonly others: readonly SeriesView[];
  readonly notice: string | undefined;
}

/** A query that names another data source. */
export interface BackfillQuery extends SeriesNames {
  readonly choice: BackfillChoice;
  readonly stream: SharedStream;
  readonly request: DataQueryRequest<MqttQuery>;
}

/** Services of Grafana and of the page that a backfill uses. */
export interface BackfillDeps {
  readonly dataSources: DataSourceFinder;
  readonly replace: Replace;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The results of a page; its data sources are found in one way. */
const pools = new WeakMap<DataSourceFinder, BackfillPool>();

/** A result is requested again if it ends so long before the rows of a query begin, in milliseconds. */
const HOLE_MS = 15_000;

/** Requests the older rows of a query, unless the page has them. */
export function openBackfill(query: BackfillQuery, deps: BackfillDeps): Backfill {
  const { dataSources: finder, replace } = deps;
  const now = deps.now();
  const { choice, stream, request } = query;
  const pool = getOrSet(pools, finder, () => new BackfillPool(finder));
  const begins = stream.series.map(({ frame }) => Math.min(beginOf(frame), now));
  const begin = begins.length === 0 ? now : begins.reduce((a, b) => Math.max(a, b));
  const hole = Math.max(HOLE_MS, 2 * request.intervalMs);
  const { result, leave } = pool.join(choice, request, replace, Math.min(request.range.to.valueOf(), begin - hole));
  return new Backfill(result, query, leave);
}

/** The rows of another data source, before the rows of a query. */
export class Backfill {
  readonly #result: BackfillResult;
  readonly #names: SeriesNames;
  readonly #cleanup: Array<() => void>;
  #joined: Joined | undefined;
  #read: { parts: readonly BackfillPart[]; key: string; fields: readonly PastField[] } | undefined;

  /** @param leave is called when nobody needs the result any longer. */
  constructor(result: BackfillResult, names: SeriesNames, leave: () => void) {
    this.#result = result;
    this.#names = names;
    this.#cleanup = [leave];
  }

  /** Calls back when rows or an error have arrived, until {@link leave}. */
  onChange(listener: () => void): void {
    this.#cleanup.push(this.#result.onChange(listener));
  }

  leave(): void {
    this.#cleanup.splice(0).forEach((clean) => clean());
  }

  /** Whether rows may be on their way. */
  get isLoading(): boolean {
    return this.#result.isLoading;
  }

  /** Whether any series had older rows when the series were last joined. */
  get hasRows(): boolean {
    return this.#joined !== undefined && (this.#joined.pasts.size > 0 || this.#joined.others.length > 0);
  }

  /** Notices for the viewer: why there are no older rows, or not for all series. */
  get notices(): string[] {
    const { name, error } = this.#result;
    const texts = [error, this.#joined?.notice].filter((text) => text !== undefined);
    return texts.map((text) => `Backfill from ${name === '' ? 'another data source' : `"${name}"`}: ${text}`);
  }

  /**
   * The series of a query with their older rows, and after them the series that have rows in the other data source
   * only. The older rows of a series end where its own rows begin.
   */
  join(views: readonly SeriesView[]): SeriesView[] {
    const { pasts, others } = this.#joinedWith(views);
    return [
      ...views.map((view) => {
        const frame = pasts.get(view.frame);
        return frame === undefined ? view : { ...view, past: { ...view, frame, before: beginOf(view.frame) } };
      }),
      ...others,
    ];
  }

  /** The fields are read again if there are other rows, or a new label. */
  #fieldsOf(parts: readonly BackfillPart[], labelNames: ReadonlySet<string>): readonly PastField[] {
    const key = JSON.stringify([...labelNames].toSorted());
    if (this.#read?.parts !== parts || this.#read.key !== key) {
      this.#read = { parts, key, fields: readParts(parts, labelNames) };
    }
    return this.#read.fields;
  }

  /** Matches again if series, columns or rows of the other data source have come; not for each response. */
  #joinedWith(views: readonly SeriesView[]): Joined {
    const { parts } = this.#result;
    const known = this.#joined;
    if (
      known?.parts === parts &&
      known.columns.length === views.length &&
      views.every(({ frame }, i) => frame.columns === known.columns[i])
    ) {
      return known;
    }
    const labelNames = new Set([
      'topic',
      ...this.#names.patterns.flatMap(({ names }) => names),
      ...views.flatMap(({ labels }) => Object.keys(labels)),
    ]);
    const fields = pivotPast(this.#fieldsOf(parts, labelNames), this.#names);
    const { bySeries, unmatched } = matchPast(views, fields);
    const others = seriesOfPast(unmatched, this.#names, views);
    this.#joined = {
      parts,
      columns: views.map(({ frame }) => frame.columns),
      pasts: new Map(
        [...bySeries].map(([{ frame }, columns]: [SeriesView, PastColumns]) => [
          frame,
          pastFrame(frame.columns, columns),
        ])
      ),
      others: others.views,
      notice: noticeOf(others.unmatched, fields, views, this.#names),
    };
    return this.#joined;
  }
}

/**
 * When the rows of a series begin, in milliseconds since the epoch; Infinity without a row. The time in a retained
 * message may be days before the next row, so it is no beginning.
 */
function beginOf(frame: SeriesView['frame']): number {
  for (let row = 0; row < Math.min(frame.length, MAX_RETAINED); row++) {
    if ((frame.mark(row) & RETAINED) === 0) {
      return frame.time(row);
    }
  }
  return frame.length <= MAX_RETAINED ? Infinity : frame.time(MAX_RETAINED);
}

function noticeOf(
  unmatched: readonly PastField[],
  fields: readonly PastField[],
  views: readonly SeriesView[],
  { patterns }: SeriesNames
): string | undefined {
  // A query of the other data source may give more topics than those of this query.
  const isOther = ({ labels: { topic } }: PastField): boolean =>
    topic !== undefined && patterns.every((pattern) => pattern.labels(topic) === undefined);
  const reported = unmatched.length === fields.length ? unmatched : unmatched.filter((field) => !isOther(field));
  // Before the first message nothing is known about the series.
  return views.length === 0 || reported.length === 0 ? undefined : unmatchedText(reported, fields.length, views);
}

function unmatchedText(unmatched: readonly PastField[], total: number, views: readonly SeriesView[]): string {
  const theirs = unmatched.map(({ names, labels }) => seriesText(names[0], labels));
  const ours = views.flatMap((view) => view.frame.columns.map(({ name }) => seriesText(name, labelsOf(view))));
  return `${count(unmatched.length, 'series', 'series')} of ${total} ${plural(unmatched.length, 'matches', 'match')} no series of this query, or several. Not matched: ${list(theirs)}. This query has: ${list(ours)}. Give both sides the same labels and names.`;
}

/** `temperature {room="kitchen"}`. */
function seriesText(name: string, labels: Readonly<Record<string, string>>): string {
  return `${name} {${Object.entries(labels)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}

function list(texts: readonly string[]): string {
  const more = texts.length - MAX_NAMED;
  return `${texts.slice(0, MAX_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
