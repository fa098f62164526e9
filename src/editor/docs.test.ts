import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MqttOptions, MqttQuery } from '../types';
import { checkUrl } from '../config/url';
import { parsePatterns } from '../topics';

// What the two pages promise, checked against the types: a field more or less in them does not compile here.
const QUERY = {
  topic: 'string',
  qos: 'number',
  format: 'string',
  shape: 'string',
  legend: 'string',
  keep: 'object',
  reduce: 'string',
} satisfies Record<Exclude<keyof MqttQuery, keyof DataQuery>, string>;
const KEEP = { rows: 'number', seconds: 'number' } satisfies Record<keyof NonNullable<MqttQuery['keep']>, string>;
const SETTINGS = {
  clientIdPrefix: 'string',
  keepalive: 'number',
  connectTimeout: 'number',
  linger: 'number',
  memory: 'number',
} satisfies Record<Exclude<keyof MqttOptions, keyof DataSourceJsonData>, string>;

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
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) => text.toLowerCase().replaceAll(' ', '-'));
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
    const { refId, keep, ...query } = JSON.parse(block);
    expect(refId).toBe('A');
    for (const [field, value] of Object.entries(query)) {
      expect(QUERY).toHaveProperty(field, typeof value);
    }
    for (const [field, value] of Object.entries(keep ?? {})) {
      expect(KEEP).toHaveProperty(field, typeof value);
    }
    expect(() => parsePatterns(query.topic)).not.toThrow();
  });

  test('the table has every field of the contract and no other', () => {
    const keep = Object.keys(KEEP).map((limit) => `keep.${limit}`);
    const wanted = Object.keys(QUERY).flatMap((field) => (field === 'keep' ? keep : [field]));
    expect(firstColumn(pages.get('query-editor')!, 'The saved query').toSorted()).toEqual(wanted.toSorted());
  });
});

describe('examples of provisioning', () => {
  test.each(blocks('yaml'))('%s', (block) => {
    const [head, ...sources] = block.split(/^ {2}- /m);
    expect(head).toBe('apiVersion: 1\n\ndatasources:\n');
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      const [own, jsonData = ''] = `    ${source}`.split('    jsonData:\n');
      const fields = scalars(own, 4);
      expect(fields).toMatchObject({ type: 'mqttstream-websocket-datasource', name: expect.any(String) });
      expect(['name', 'type', 'uid', 'access', 'url']).toEqual(expect.arrayContaining(Object.keys(fields)));
      expect(['direct', 'proxy']).toContain(fields.access);
      const page = { protocol: 'https:', host: 'grafana.example.com' };
      expect(checkUrl(fields.url, fields.access === 'direct' ? 'direct' : 'proxy', page)).toEqual({});
      for (const [field, value] of Object.entries(scalars(jsonData, 6))) {
        expect(SETTINGS).toHaveProperty(field, /^\d+$/.test(value) ? 'number' : 'string');
      }
      // Grafana would take what follows a single dollar sign for an environment variable.
      expect(source.replaceAll('$$', '')).not.toContain('$');
    }
  });

  test('the table has every setting and no other', () => {
    const wanted = ['access', 'url', ...Object.keys(SETTINGS).map((field) => `jsonData.${field}`)];
    expect(firstColumn(pages.get('configure')!, 'Provision with YAML').toSorted()).toEqual(wanted.toSorted());
  });
});

/** `key: value` lines at one indentation: all the YAML that the examples use. */
function scalars(text: string, indent: number): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, spaces, key, value] = /^( *)([A-Za-z]+): ([^\s#].*)$/.exec(line) ?? [];
      expect(spaces).toBe(' '.repeat(indent));
      return [key, value];
    })
  );
}
