import type { DataSourceApi } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { QUERY_VERSION } from '../migrate';
import { parsePatterns } from '../topics';
import type { MqttQuery } from '../types';
import { parseQuery } from '../query/parse-query';
import { PART_EXAMPLES, TOPIC_EXAMPLES } from './help-examples';
import { QueryEditorHelp } from './QueryEditorHelp';

function setUp(query: MqttQuery) {
  const onClickExample = vi.fn<(query: MqttQuery) => void>();
  const datasource: DataSourceApi<MqttQuery> = Object.create(null);
  render(<QueryEditorHelp datasource={datasource} query={query} onClickExample={onClickExample} />);
  return { user: userEvent.setup(), onClickExample };
}

test('every example is a valid query and keeps what it does not set', async () => {
  const { user, onClickExample } = setUp({ refId: 'C', topic: 'old', qos: 1, legend: 'old', shape: 'latest' });
  const examples = screen.getAllByRole('button').slice(0, TOPIC_EXAMPLES.length);
  for (const example of examples) {
    await user.click(example);
  }
  expect(onClickExample).toHaveBeenCalledTimes(examples.length);
  for (const [query] of onClickExample.mock.calls) {
    expect(query).toMatchObject({ refId: 'C', version: QUERY_VERSION, qos: 1 });
    expect(query.legend).not.toBe('old');
    expect(parsePatterns(query.topic).length).toBeGreaterThan(0);
  }
});

test('an example replaces a query of a newer version altogether', async () => {
  const newer = { refId: 'C', topic: 'old', hide: true, version: QUERY_VERSION + 1, futureField: 'x', qos: 1 } as const;
  const { user, onClickExample } = setUp(newer);
  await user.click(screen.getByRole('button', { name: /^One sensor/ }));
  expect(onClickExample.mock.lastCall?.[0]).toEqual({
    refId: 'C',
    hide: true,
    version: QUERY_VERSION,
    topic: 'home/kitchen/temperature',
  });
});

test('every topic in the tables is one that the editor accepts', () => {
  setUp({ refId: 'A', topic: '' });
  const written = screen.getAllByRole('rowheader').map((cell) => cell.textContent);
  expect(written.length).toBeGreaterThan(5);
  for (const topic of written) {
    expect(() => parsePatterns(topic)).not.toThrow();
  }
});

test('every other example is added to the query, and the query runs', async () => {
  const saved: MqttQuery = { refId: 'C', topic: 'home/{room}', shape: 'table', fields: [{ path: 'x' }] };
  const { user, onClickExample } = setUp(saved);
  const parts = PART_EXAMPLES.flatMap(({ examples }) => examples);
  for (const button of screen.getAllByRole('button').slice(TOPIC_EXAMPLES.length)) {
    await user.click(button);
  }
  expect(onClickExample).toHaveBeenCalledTimes(parts.length);
  for (const [i, [query]] of onClickExample.mock.calls.entries()) {
    const { fields, ...part } = parts[i].query;
    expect(query).toMatchObject({ ...saved, ...part, fields: [{ path: 'x' }, ...(fields ?? [])] });
    expect(() => parseQuery(query, (text) => text)).not.toThrow();
  }
});

test('an example that the query has already changes nothing', async () => {
  const mappings = [{ path: 'Value', true: 'An', false: 'Aus' }];
  const { user, onClickExample } = setUp({ refId: 'C', topic: 'a', mappings });
  await user.click(screen.getByRole('button', { name: /^A switch/ }));
  expect(onClickExample.mock.lastCall?.[0].mappings).toEqual(mappings);
});
