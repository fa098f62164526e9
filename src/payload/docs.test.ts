import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure, type Format, type FormatOptions } from './decode';
import { MAX_NESTING, MAX_PAYLOAD_ROWS } from './decoded';
import { fromHex } from './formats/bytes';
import { compileReading, type ReadingSpec } from './reading';
import { type Row, Rows } from './rows';
import { Shaper } from './shaper';

const page = readFileSync(fileURLToPath(new URL('../../docs/payloads.md', import.meta.url)), 'utf8');

interface Example {
  readonly format?: Format;
  readonly formatOptions?: FormatOptions;
  readonly labels?: ReadingSpec['labels'];
  readonly time?: ReadingSpec['time'];
  readonly topic?: string;
  readonly payload?: string;
  readonly hex?: string;
  readonly value?: unknown;
  readonly rows?: unknown[];
  readonly failure?: string;
}

/** What JSON can say of a value: the numbers that it does not have are their names. */
function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'number' && !Number.isFinite(each) ? String(each) : each
    )
  ) as unknown;
}

/** What the page says of a row; what it falls back to stands in the payload. */
function shownRow({ units = new Map<string, string>(), ...rest }: Row): unknown {
  const { whole: _, ...row } = rest;
  return shown({ ...row, ...(units.size === 0 ? undefined : { units: Object.fromEntries(units) }) });
}

/** The rows as the query reads them. */
function shaped(decoded: unknown, { labels, time }: Example): unknown[] {
  const rows: unknown[] = [];
  const reading = compileReading({ ...(labels && { labels }), ...(time && { time }) });
  const shaper = new Shaper(reading, (row) => {
    rows.push(shown({ value: row.value, labels: row.labels(), ...(row.timed && { time: row.time }) }));
  });
  expect(shaper.shape(decoded, 0, undefined)).toBeUndefined();
  return rows;
}

const examples = [...page.matchAll(/^```json example\n([\s\S]*?)^```/gm)].map(
  ([, block]) => [block, JSON.parse(block) as Example] as const
);

describe('docs/payloads.md', () => {
  test.each(examples)('%s', (_, example) => {
    const { format = 'auto', formatOptions, topic = 'a/topic', payload = '', hex } = example;
    const bytes = hex === undefined ? new TextEncoder().encode(payload) : fromHex(hex)!;
    const decoded = createDecoder(format, formatOptions)(bytes, topic);
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
    const formats: Record<Exclude<Format, `${'u' | ''}int${string}` | `float${string}`>, true> = {
      auto: true,
      json: true,
      text: true,
      number: true,
      csv: true,
      regex: true,
      influx: true,
      senml: true,
      sparkplug: true,
      msgpack: true,
      cbor: true,
      hex: true,
      base64: true,
    };
    for (const format of [...Object.keys(formats), 'int8', 'uint64', 'float64', 'Bytes in text']) {
      const section = sections.find((each) => each.split('\n')[0].split(', ').includes(format));
      expect(section, format).toContain('```json example');
    }
  });

  test('has the limits', () => {
    const limits = page.split('## Limits')[1];
    for (const limit of [MAX_NESTING, MAX_PAYLOAD_ROWS]) {
      expect(limits).toContain(limit.toLocaleString('en'));
    }
  });
});
