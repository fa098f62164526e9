import type { DataQuery } from '@grafana/schema';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type {
  BackfillChoice,
  MqttQuery,
  FieldChoice,
  FormatOptions,
  LabelChoice,
  MappingChoice,
  TimeChoice,
} from '../types';
import { parsePatterns } from '../topics';

// The tables of the two pages, checked against the types: a field more or less in them does not compile here.
const QUERY = {
  version: 'number',
  topic: 'string',
  qos: 'number',
  format: 'string',
  formatOptions: 'object',
  fields: 'object',
  mappings: 'object',
  labels: 'object',
  rows: 'string',
  rowsAs: 'string',
  pivot: 'string',
  time: 'object',
  fill: 'string',
  retained: 'string',
  shape: 'string',
  legend: 'string',
  keep: 'object',
  reduce: 'string',
  backfill: 'object',
} satisfies Record<Exclude<keyof MqttQuery, keyof DataQuery>, string>;
const FORMAT_OPTIONS = {
  delimiter: 'string',
  columns: 'object',
  pattern: 'string',
  byteOrder: 'string',
  offset: 'number',
  unwrap: 'object',
  compression: 'string',
} satisfies Record<keyof FormatOptions, string>;
const FIELD = { path: 'string', name: 'string', type: 'string', unit: 'string' } satisfies Record<
  keyof FieldChoice,
  string
>;
const MAPPING = { path: 'string', true: 'string', false: 'string' } satisfies Record<keyof MappingChoice, string>;
const LABEL = { path: 'string', name: 'string', from: 'string' } satisfies Record<keyof LabelChoice, string>;
const TIME = {
  from: 'string',
  path: 'string',
  clockPath: 'string',
  format: 'string',
  zone: 'string',
  interval: 'string',
  intervalUnit: 'string',
} satisfies Record<keyof TimeChoice, string>;
const KEEP = { rows: 'number', seconds: 'number' } satisfies Record<keyof NonNullable<MqttQuery['keep']>, string>;
const BACKFILL = { datasource: 'object', query: 'object' } satisfies Record<keyof BackfillChoice, string>;
const PAGES = ['configure', 'query-editor'] as const;
const pages = new Map(PAGES.map((name) => [name, read(`../../docs/${name}.md`)]));

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
}

/** The fenced blocks of both pages in one language. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...pages.values()].flatMap((page) => [...page.matchAll(fence)].map(([, block]) => block));
}

/** The first cells of the rows of the table that follows a heading. */
function firstColumn(page: string, heading: string): string[] {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`)).split(/\n## /)[1];
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) => /`([^`]+)`/.exec(row)?.[1] ?? row);
}

describe.each(PAGES)('docs/%s.md', (name) => {
  const page = pages.get(name)!;

  test('has a title, a description and no heading of the first level', () => {
    expect(page).toMatch(/^---\ntitle: \S.*\ndescription: \S.*\n---\n/);
    expect(page.replaceAll(/^```[\s\S]*?^```/gm, '')).not.toMatch(/^# /m);
  });

  test('links to what is there', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')
    );
    for (const [, target] of page.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) {
        expect(headings).toContain(target.slice(1));
      } else {
        expect(() => read(`../../docs/${target}`)).not.toThrow();
      }
    }
  });
});

describe('examples of a query', () => {
  test.each(blocks('json'))('%s', (block) => {
    const { refId, ...query } = JSON.parse(block) as MqttQuery;
    expect(refId).toBe('A');
    isOf(query, QUERY);
    isOf(query.keep, KEEP);
    isOf(query.backfill, BACKFILL);
    isOf(query.formatOptions, FORMAT_OPTIONS);
    isOf(query.time, TIME);
    query.fields?.forEach((field) => isOf(field, FIELD));
    query.mappings?.forEach((mapping) => isOf(mapping, MAPPING));
    query.labels?.forEach((label) => isOf(label, LABEL));
    expect(() => parsePatterns(query.topic ?? '')).not.toThrow();
  });

  test('the table has every field of the contract and no other', () => {
    const parts: Record<string, object> = {
      keep: KEEP,
      backfill: BACKFILL,
      formatOptions: FORMAT_OPTIONS,
      time: TIME,
      'fields[]': FIELD,
      'mappings[]': MAPPING,
      'labels[]': LABEL,
    };
    const wanted = Object.keys(QUERY).flatMap((field) => {
      const name = ['fields', 'mappings', 'labels'].includes(field) ? `${field}[]` : field;
      return Object.hasOwn(parts, name) ? Object.keys(parts[name]).map((part) => `${name}.${part}`) : [field];
    });
    expect(firstColumn(pages.get('query-editor')!, 'The saved query').toSorted()).toEqual(wanted.toSorted());
  });
});

/** Whether an object has only these fields, each of its type. */
function isOf(object: object | undefined, fields: Record<string, string>): void {
  for (const [field, value] of Object.entries(object ?? {})) {
    expect(fields).toHaveProperty(field, typeof value);
  }
}
