import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SENSOR_SETS, startSensors } from '../../broker/sensors';
import { SYS_TOPICS } from '../../broker/sys-topics';
import { panelsOf, type DashboardJson } from '../../workbench/host/dashboard/dashboard-json';
import { parseQuery } from '../query/parse-query';
import { matches } from '../topics';
import type { MqttQuery } from '../types';

interface PluginJson {
  id: string;
  includes: Array<{ type: string; name: string; path: string }>;
}

interface Dashboard extends DashboardJson {
  uid: string;
  schemaVersion: number;
}

const ROOT = join(import.meta.dirname, '../..');
const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.json'));
const plugin = JSON.parse(await readFile(join(ROOT, 'plugin.json'), 'utf8')) as PluginJson;
const read = async (file: string): Promise<Dashboard> =>
  JSON.parse(await readFile(join(import.meta.dirname, file), 'utf8')) as Dashboard;
const dashboards = await Promise.all(files.map(read));

/** The topics of all demo sensors, and those of the broker's statistics. */
const sensors = startSensors(() => {}, { sets: SENSOR_SETS });
sensors.stop();
const topics = [...sensors.topics, ...SYS_TOPICS];

/** Replaces the variables by their current values, as Grafana does. */
function parse(query: MqttQuery, { templating }: Dashboard): ReturnType<typeof parseQuery> {
  return parseQuery(query, (text) =>
    text.replace(/\$\{(\w+):raw\}/g, (match, name: string) => {
      const value = templating.list.find((variable) => variable.name === name)?.current?.value;
      return typeof value === 'string' ? value : match;
    })
  );
}

test('plugin.json includes each of them, by its title', () => {
  const names = plugin.includes.map(({ path }) => path.replace('dashboards/', ''));
  expect(names.toSorted()).toEqual(files.toSorted());
  for (const { type, name, path } of plugin.includes) {
    expect({ type, name }).toEqual({
      type: 'dashboard',
      name: dashboards[files.indexOf(path.replace('dashboards/', ''))].title,
    });
  }
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(files.length);
});

describe.each(files.map((file, index) => [file, dashboards[index]] as const))('%s', (file, dashboard) => {
  const queries = [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets),
    ...dashboard.annotations.list.flatMap(({ target }) => (target?.refId === undefined ? [] : [target])),
    ...dashboard.templating.list.flatMap(({ type, query }) => (type === 'query' ? [query as MqttQuery] : [])),
  ] as MqttQuery[];

  test('has a schema that Grafana 12.3 reads, and its data source as a variable', async () => {
    expect(dashboard.schemaVersion).toBeLessThanOrEqual(42);
    const [variable] = dashboard.templating.list;
    expect(variable).toMatchObject({ type: 'datasource', name: 'datasource', query: plugin.id });
    const text = await readFile(join(import.meta.dirname, file), 'utf8');
    const uids = new Set([...text.matchAll(/"uid": "([^"]+)"/g)].map(([, uid]) => uid));
    expect([...uids].toSorted()).toEqual(['${datasource}', '-- Grafana --', dashboard.uid].toSorted());
  });

  test('has queries that parse, for topics that the demo sensors or the broker publish', () => {
    expect(queries.length).toBeGreaterThan(4);
    for (const query of queries) {
      const { spec } = parse(query, dashboard);
      for (const filter of spec.filters) {
        expect({ filter, published: topics.some((topic) => matches(filter, topic)) }).toEqual({
          filter,
          published: true,
        });
      }
    }
  });

  test('has panels that the workbench draws, next to each other, with titles', () => {
    const panels = panelsOf(dashboard);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, place } of panels) {
      expect(title).not.toBe('');
      expect(place.x + place.w).toBeLessThanOrEqual(24);
      for (let x = place.x; x < place.x + place.w; x += 1) {
        for (let y = place.y; y < place.y + place.h; y += 1) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
    // No hole between them, either.
    expect(taken.size).toBe(24 * Math.max(...panels.map(({ place }) => place.y + place.h)));
  });
});
