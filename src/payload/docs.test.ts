import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { numbersOf } from './columns/batch';
import { createDecoder, type Decoded, type Decoder, DecodeFailure } from './decode';
import { FORMAT_IDS, type PayloadFormat, type FormatOptions } from './formats';
import { MAX_NESTING } from './decoded';
import { fromHex } from './formats/bytes';
import { MAX_UNPACKED } from './formats/inflate';
import { MAX_BIGNUM } from './formats/cbor-tags';
import { MAX_COLUMNS } from './formats/csv-table';
import { MAX_INSTRUCTIONS } from './formats/regex/pattern';
import { MAX_LENGTH } from './units/quantity';
import { MAX_STEPS } from './formats/regex/regex';
import { MAX_NAME } from './formats/sparkplug/metrics';
import { MAX_DEVICES, MAX_HELD } from './formats/sparkplug/state';
import { MAX_KEY_LENGTH, MAX_LABEL_LENGTH, PAYLOAD_LIMITS } from './limits';
import { PartPending } from './part';
import { compileRowMapping, type RowMappingSpec } from './rows/mapping';
import { type Row, Rows } from './rows/rows';
import { SeriesBuilder } from './columns/series-builder';
import { RowExtractor } from './rows/extractor';
import { MAX_TEXT } from './time/time-format';
import { TestPanel } from '../testing/test-panel';
import type { MqttQuery } from '../types';

const page = readFileSync(fileURLToPath(new URL('../../docs/payloads.md', import.meta.url)), 'utf8');

interface Example {
  readonly format?: PayloadFormat;
  readonly formatOptions?: FormatOptions;
  readonly labels?: RowMappingSpec['labels'];
  readonly time?: RowMappingSpec['time'];
  readonly topic?: string;
  readonly payload?: string;
  readonly hex?: string;
  readonly value?: unknown;
  readonly rows?: unknown[];
  readonly failure?: string;
}

interface Fields {
  readonly [name: string]: unknown[];
  readonly Time: string[];
}

/** Messages a second apart, and what the panel shows of them. */
interface Sent {
  readonly query: Partial<MqttQuery>;
  readonly arrival: string;
  readonly payloads: ReadonlyArray<
    string | { readonly topic?: string; readonly payload?: string; readonly hex?: string }
  >;
  /** Those of the only series. */
  readonly fields?: Fields;
  readonly series?: ReadonlyArray<{ readonly labels: Record<string, string>; readonly fields: Fields }>;
  /** A part of the notices; without it, there is none. */
  readonly notice?: string;
}

function payloadOf({ payload = '', hex }: Pick<Example, 'payload' | 'hex'>): Uint8Array {
  return hex === undefined ? new TextEncoder().encode(payload) : fromHex(hex)!;
}

/** Decodes as a stream does: once more when a compressed payload is unpacked. */
async function decodeWhole(decode: Decoder, bytes: Uint8Array, topic: string): Promise<Decoded> {
  for (;;) {
    try {
      return decode(bytes, topic);
    } catch (error) {
      if (!(error instanceof PartPending)) {
        throw error;
      }
      await error.loaded;
    }
  }
}

/** A value as JSON can write it: numbers that JSON does not have become their names. */
function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'number' && !Number.isFinite(each) ? String(each) : each
    )
  ) as unknown;
}

/** A row as the page shows it; its fallbacks stand in the payload. */
function shownRow({ units = new Map<string, string>(), ...rest }: Row): unknown {
  const { whole: _, ...row } = rest;
  return shown({ ...row, ...(units.size === 0 ? undefined : { units: Object.fromEntries(units) }) });
}

/** The rows as the query reads them. */
function shaped(decoded: unknown, { labels, time }: Example): unknown[] {
  const rows: unknown[] = [];
  const reading = compileRowMapping({ ...(labels && { labels }), ...(time && { time }) });
  const shaper = new RowExtractor(reading, (row) => {
    rows.push(shown({ value: row.value, labels: row.labels(), ...(row.timed && { time: row.time }) }));
  });
  expect(shaper.extract(decoded, { arrival: 0, userProperties: undefined })).toEqual({});
  return rows;
}

const LIMITS: Readonly<Record<string, number>> = {
  'Levels of nesting, in any format': MAX_NESTING,
  'Rows of a payload': PAYLOAD_LIMITS.rows,
  'Levels of objects that become fields': PAYLOAD_LIMITS.levels,
  'Numbers of a list that become fields': PAYLOAD_LIMITS.items,
  'Fields of a series': PAYLOAD_LIMITS.fields,
  // Not the payload's to know; `query/limits.test.ts` has them too.
  'Time series of a query': 500,
  'Series of a query as a table or as latest values': 2_000,
  'Characters of a key': MAX_KEY_LENGTH,
  'Characters of a label': MAX_LABEL_LENGTH,
  'Characters of a time, in a format that you write': MAX_TEXT,
  'Cells of a CSV row': MAX_COLUMNS,
  'Parts of a pattern, written out': MAX_INSTRUCTIONS,
  'Characters times parts of a pattern': MAX_STEPS,
  'Characters of a number with a unit': MAX_LENGTH,
  'Bytes of a CBOR integer': MAX_BIGNUM,
  'Bytes of an unpacked payload': MAX_UNPACKED,
  'Devices of a Sparkplug node': MAX_DEVICES,
  'Names and aliases of Sparkplug, in a query': MAX_HELD,
  'Characters of the name of a metric': MAX_NAME,
};

const examples = [...page.matchAll(/^```json example\n([\s\S]*?)^```/gm)].map(
  ([, block]) => [block, JSON.parse(block) as Example] as const
);

const mapped = [...page.matchAll(/^```json mapping\n([\s\S]*?)^```/gm)].map(([, block]) => [block] as const);

const sent = [...page.matchAll(/^```json messages\n([\s\S]*?)^```/gm)].map(([, block]) => [block] as const);

/** The columns of a series by name; what is missing in a row is null, as JSON has no other word for it. */
function columnsOf(reading: RowMappingSpec, payloads: readonly unknown[]): unknown {
  const builder = new SeriesBuilder(0, 'a/topic', payloads.length, { mapping: compileRowMapping(reading) });
  const decode = createDecoder('auto');
  for (const payload of payloads) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    builder.add(0, decode(new TextEncoder().encode(text), 'a/topic'));
  }
  const chunk = builder.take()!;
  return Object.fromEntries(
    chunk.columns.map((column) => {
      const cells = column.values ?? [...numbersOf(chunk, column)!];
      return [column.spec!.name, shown(cells.map((cell) => (cell === cell ? (cell ?? null) : null)))];
    })
  );
}

describe('docs/payloads.md', () => {
  test.each(mapped)('%s', (block) => {
    const { mappings, payloads, fields } = JSON.parse(block) as Required<Pick<RowMappingSpec, 'mappings'>> & {
      payloads: unknown[];
      fields: unknown;
    };
    expect(columnsOf({ mappings }, payloads)).toEqual(fields);
  });

  test.each(sent)('%s', (block) => {
    const { query, arrival, payloads, fields, series, notice } = JSON.parse(block) as Sent;
    const panel = new TestPanel(query).send(
      ...payloads.map((each, i) => ({
        ...(typeof each === 'string' ? { payload: each } : { topic: each.topic, payload: payloadOf(each) }),
        at: Date.parse(arrival) + i * 1_000,
      }))
    );
    expect(panel.frames.map((_, i) => shown(panel.fields(i)))).toEqual(
      (series ?? [{ fields: fields! }]).map((each) => ({
        ...each.fields,
        Time: each.fields.Time.map((time) => Date.parse(time)),
      }))
    );
    if (series !== undefined) {
      expect(panel.labels).toEqual(series.map(({ labels }) => labels));
    }
    expect(panel.notices.join('\n')).toEqual(notice === undefined ? '' : expect.stringContaining(notice));
  });

  test('has an example of value mappings', () => {
    expect(mapped.length).toBeGreaterThan(1);
  });

  test.each(examples)('%s', async (_, example) => {
    const { format = 'auto', formatOptions, topic = 'a/topic' } = example;
    const decoded = await decodeWhole(createDecoder(format, formatOptions), payloadOf(example), topic);
    if (example.failure !== undefined) {
      expect(decoded).toEqual(new DecodeFailure(example.failure));
    } else if (example.rows !== undefined && (example.labels ?? example.time) !== undefined) {
      expect(shaped(decoded, example)).toEqual(example.rows);
    } else if (example.rows !== undefined) {
      expect(decoded).toBeInstanceOf(Rows);
      expect((decoded as Rows).rows.map(shownRow)).toEqual(example.rows);
      expect((decoded as Rows).problems).toEqual([]);
    } else {
      expect(decoded).not.toBeInstanceOf(Rows);
      expect(shown(decoded)).toEqual(example.value);
    }
  });

  test('has a section with an example for each format', () => {
    const sections = page.split(/^## /m).slice(1);
    for (const format of [...FORMAT_IDS, 'Bytes in text']) {
      const section = sections.find((each) => each.split('\n')[0].split(', ').includes(format));
      expect(section, format).toContain('```json example');
    }
  });

  test('has the limits', () => {
    const rows = page.split('## Limits')[1].matchAll(/^\| ([^|]*\S) +\| ([\d,]+) +\|/gm);
    expect(Object.fromEntries(Array.from(rows, ([, what, value]) => [what, value]))).toEqual(
      Object.fromEntries(Object.entries(LIMITS).map(([what, value]) => [what, value.toLocaleString('en')]))
    );
  });
});
