import { act, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { MqttQuery } from '../types';
import { PayloadSection } from './PayloadSection';

const BARE: MqttQuery = { refId: 'A', topic: 'a' };

async function setUp(saved: Partial<MqttQuery> = {}, levels: readonly string[] = []) {
  const onChange = vi.fn<(query: MqttQuery) => void>();
  let set: ((query: MqttQuery) => void) | undefined;
  function Host(): React.JSX.Element {
    const [query, setQuery] = useState<MqttQuery>({ ...BARE, ...saved });
    set = setQuery;
    return (
      <PayloadSection
        id={(name) => `test-${name}`}
        query={query}
        levels={levels}
        onChange={(next) => {
          onChange(next);
          setQuery(next);
        }}
      />
    );
  }
  const user = userEvent.setup();
  const view = render(<Host />);
  await user.click(screen.getByRole('button', { name: /^Payload/ }));
  const replace = (query: MqttQuery): void => act(() => set?.(query));
  return { user, onChange, view, replace, last: () => onChange.mock.lastCall?.[0] };
}

type User = ReturnType<typeof userEvent.setup>;

const text = (name: string, within_: HTMLElement = document.body): HTMLInputElement =>
  within(within_).getByRole<HTMLInputElement>('textbox', { name });
const box = (name: string, within_: HTMLElement = document.body): HTMLInputElement =>
  within(within_).getByRole<HTMLInputElement>('combobox', { name });

async function choose(user: User, control: HTMLElement, option: RegExp): Promise<void> {
  await user.click(control);
  await user.click(await screen.findByRole('option', { name: option }));
}

test('suggests the lists of messages as rows', async () => {
  const query = { ...BARE, rows: 'a' };
  render(<PayloadSection id={(name) => name} query={query} levels={[]} lists={['readings']} onChange={vi.fn()} />);
  await userEvent.setup().click(screen.getByRole('button', { name: /^Payload/ }));
  const suggestions = [...(box('Rows').list?.options ?? [])].map(({ value }) => value);
  expect(suggestions).toEqual(['readings']);
});

test('is folded away, with a line that says what is set', async () => {
  const query: MqttQuery = {
    ...BARE,
    fields: [{ path: 'a' }, { path: 'b' }],
    mappings: [{ path: 'a', true: 'ON', false: 'OFF' }],
    labels: [{ path: 'id' }],
    rows: 'list',
    time: { from: 'path', path: 'ts' },
    fill: 'previous',
  };
  const { rerender } = render(
    <PayloadSection id={(name) => name} query={query} levels={[]} onChange={() => undefined} />
  );
  const summary = /^Payload ?2 fields · 1 value mapping · 1 label · Rows: list · Time: ts · Fill: previous$/;
  expect(screen.getByRole('button', { name: summary })).toBeTruthy();
  expect(screen.queryByRole('textbox', { name: 'Rows' })).toBeNull();
  rerender(<PayloadSection id={(name) => name} query={BARE} levels={[]} onChange={() => undefined} />);
  expect(screen.getByRole('button', { name: /^Payload ?All fields · Time: default$/ })).toBeTruthy();
});

test('shows the defaults and saves none of them', async () => {
  const { onChange } = await setUp();
  expect(box('Time').value).toBe('Default');
  expect(box('Fill').value).toBe('Nothing');
  expect(text('Rows').value).toBe('');
  expect(onChange).not.toHaveBeenCalled();
});

describe('fields', () => {
  test('are added, named, typed, and taken away again', async () => {
    const { user, last, onChange } = await setUp();
    await user.click(screen.getByRole('button', { name: 'Add field' }));
    await user.keyboard('["a.b"].c{Enter}'.replaceAll('[', '[['));
    expect(last()).toEqual({ ...BARE, fields: [{ path: '["a.b"].c' }] });
    const field = screen.getByRole('group', { name: 'field 1' });
    await user.type(text('Name', field), 'Bath{Enter}');
    await choose(user, box('Type', field), /^Number/);
    await user.type(text('Unit', field), 'Celsius');
    await user.click(await screen.findByText(/Celsius \(°C\)/));
    expect(last()?.fields).toEqual([{ path: '["a.b"].c', name: 'Bath', type: 'number', unit: 'celsius' }]);
    await choose(user, box('Type', field), /^Auto/);
    await user.clear(text('Name', field));
    await user.click(within(field).getByRole('button', { name: /clear/i }));
    await user.tab();
    expect(last()?.fields).toStrictEqual([{ path: '["a.b"].c' }]);
    await user.click(screen.getByRole('button', { name: 'Remove field 1' }));
    expect(last()).toStrictEqual(BARE);
    expect(onChange.mock.calls.length).toBeLessThanOrEqual(8);
  });

  test('one without a path is not saved, and stays until it is removed', async () => {
    const { user, onChange, last } = await setUp({ fields: [{ path: 'a', name: 'A' }, { path: 'b' }] });
    const paths = (): string[] =>
      screen.getAllByRole<HTMLInputElement>('textbox', { name: 'Path' }).map((f) => f.value);
    await user.click(screen.getByRole('button', { name: 'Add field' }));
    await user.tab();
    await user.click(screen.getByRole('button', { name: 'Add label' }));
    expect(onChange).not.toHaveBeenCalled();
    expect(paths()).toEqual(['a', 'b', '', '']);
    await user.clear(text('Path', screen.getByRole('group', { name: 'field 1' })));
    await user.tab();
    expect(last()?.fields).toEqual([{ path: 'b' }]);
    // Its other values are still there when it has a path again.
    await user.type(text('Path', screen.getByRole('group', { name: 'field 1' })), 'c{Enter}');
    expect(last()?.fields).toEqual([{ path: 'c', name: 'A' }, { path: 'b' }]);
    await user.type(text('Name', screen.getByRole('group', { name: 'field 3' })), 'C{Enter}');
    await user.type(text('Path', screen.getByRole('group', { name: 'field 3' })), 'd{Enter}');
    expect(last()?.fields?.[2]).toEqual({ path: 'd', name: 'C' });
    await user.click(screen.getByRole('button', { name: 'Remove label 1' }));
    expect(paths()).toEqual(['c', 'b', 'd']);
    expect(last()?.labels).toBeUndefined();
  });

  test('one without a path stays when the query is changed elsewhere', async () => {
    const { user, replace } = await setUp({ fields: [{ path: 'a' }] });
    await user.click(screen.getByRole('button', { name: 'Add field' }));
    replace({ ...BARE, fields: [{ path: 'x' }, { path: 'y' }] });
    const paths = screen.getAllByRole<HTMLInputElement>('textbox', { name: 'Path' }).map((each) => each.value);
    expect(paths).toEqual(['x', 'y', '']);
  });
});

test('value mappings are added with the words that are usual, changed, and taken away again', async () => {
  const { user, last } = await setUp({ mappings: [{ path: 'door', true: 'open', false: 'closed' }] });
  await user.click(screen.getByRole('button', { name: 'Add value mapping' }));
  await user.keyboard('state{Enter}');
  expect(last()?.mappings?.[1]).toEqual({ path: 'state', true: 'ON', false: 'OFF' });
  const mapping = screen.getByRole('group', { name: 'value mapping 2' });
  await user.clear(text('True', mapping));
  await user.type(text('True', mapping), 'An{Enter}');
  await user.clear(text('False', mapping));
  await user.type(text('False', mapping), 'Aus{Enter}');
  expect(last()?.mappings).toEqual([
    { path: 'door', true: 'open', false: 'closed' },
    { path: 'state', true: 'An', false: 'Aus' },
  ]);
  await user.click(screen.getByRole('button', { name: 'Remove value mapping 1' }));
  await user.click(screen.getByRole('button', { name: 'Remove value mapping 1' }));
  expect(last()).toStrictEqual(BARE);
});

test('labels come from the payload or from a user property', async () => {
  const { user, last } = await setUp();
  await user.click(screen.getByRole('button', { name: 'Add label' }));
  await user.keyboard('site{Enter}');
  expect(last()?.labels).toEqual([{ path: 'site' }]);
  const label = screen.getByRole('group', { name: 'label 1' });
  await choose(user, box('From', label), /^User property/);
  await user.type(text('Name', label), 'where{Enter}');
  expect(last()?.labels).toEqual([{ path: 'site', from: 'property', name: 'where' }]);
  expect(text('Property', label).value).toBe('site');
  await choose(user, box('From', label), /^Payload/);
  expect(last()?.labels).toEqual([{ path: 'site', name: 'where' }]);
});

describe('time', () => {
  test('asks for a path only where it is needed, and forgets it where it is not', async () => {
    const { user, last } = await setUp();
    expect(screen.queryByRole('textbox', { name: 'Time path' })).toBeNull();
    await choose(user, box('Time'), /^At a path/);
    await user.type(text('Time path'), 'params.ts{Enter}');
    await user.type(text('Time format'), 's{Enter}');
    expect(last()?.time).toEqual({ from: 'path', path: 'params.ts', format: 's' });
    await choose(user, box('Time'), /^Found by name/);
    expect(last()?.time).toEqual({ from: 'auto', format: 's' });
    await user.clear(text('Time format'));
    await user.tab();
    await choose(user, box('Time'), /^Default/);
    expect(last()).toStrictEqual(BARE);
  });

  test('a zone that is set stays visible', async () => {
    await setUp({ time: { zone: 'Europe/Paris' } });
    expect(box('Time zone').value).toBe('Europe/Paris');
  });
});

test('rows and fill are saved, and taken back', async () => {
  const { user, last } = await setUp();
  await user.type(text('Rows'), 'metrics{Enter}');
  await choose(user, box('Fill'), /^Previous value/);
  expect(last()).toEqual({ ...BARE, rows: 'metrics', fill: 'previous' });
  await user.clear(text('Rows'));
  await user.tab();
  await choose(user, box('Fill'), /^Nothing/);
  expect(last()).toStrictEqual(BARE);
});

describe('options of the format', () => {
  test('auto has none', async () => {
    await setUp();
    expect(screen.queryByRole('combobox', { name: 'Encoded as' })).toBeNull();
  });

  test('CSV: separator and columns', async () => {
    const { user, last } = await setUp({ format: 'csv' });
    await choose(user, box('Separator'), /^Semicolon/);
    await user.type(text('Columns'), 'time, t ,h{Enter}');
    expect(last()?.formatOptions).toEqual({ delimiter: ';', columns: ['time', 't', 'h'] });
    await choose(user, box('Separator'), /^Automatic/);
    await user.clear(text('Columns'));
    await user.tab();
    expect(last()).toStrictEqual({ ...BARE, format: 'csv' });
  });

  test('regular expression: the pattern, with its spaces', async () => {
    const { user, last } = await setUp({ format: 'regex' });
    await user.type(text('Pattern'), ' (?<t>\\d+) {Enter}');
    expect(last()?.formatOptions).toEqual({ pattern: ' (?<t>\\d+) ' });
  });

  test('binary numbers: byte order, bytes to skip, and their encoding', async () => {
    const { user, last } = await setUp({ format: 'uint16' });
    await user.click(screen.getByRole('radio', { name: 'Little endian' }));
    await user.type(text('Offset'), '2{Enter}');
    await choose(user, box('Encoded as'), /^Base64/);
    await user.type(text('Encoded at'), 'data{Enter}');
    expect(last()?.formatOptions).toEqual({
      byteOrder: 'little',
      offset: 2,
      unwrap: { encoding: 'base64', path: 'data' },
    });
    await user.click(screen.getByRole('radio', { name: 'Big endian' }));
    await user.clear(text('Offset'));
    await user.tab();
    await choose(user, box('Encoded as'), /^Not encoded/);
    expect(last()).toStrictEqual({ ...BARE, format: 'uint16' });
  });
});

test('every control has an id of its own and a name', async () => {
  const { view } = await setUp({
    format: 'int16',
    fields: [{ path: 'a' }, { path: 'b' }],
    labels: [{ path: 'c' }, { path: 'd' }],
    time: { from: 'path', path: 'ts' },
    formatOptions: { unwrap: { encoding: 'hex' } },
  });
  const controls = [...view.container.querySelectorAll('input')];
  expect(controls.length).toBeGreaterThan(18);
  expect(controls.filter(({ id }) => id === '')).toEqual([]);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const control of controls) {
    const named = control.getAttribute('aria-label') !== null || (control.labels?.length ?? 0) > 0;
    expect(named, control.outerHTML).toBe(true);
  }
});

test('offers the named levels as names of fields, where there are some', async () => {
  const { user, last } = await setUp({}, ['device', 'metric']);
  expect(box('Field names from').value).toBe('The payload');
  await choose(user, box('Field names from'), /^\{metric\}/);
  expect(last()).toEqual({ ...BARE, pivot: 'metric' });
  await choose(user, box('Field names from'), /^The payload/);
  expect(last()).toEqual(BARE);
});

test('shows a level that the topic no longer has, and none where there is none', async () => {
  const { view } = await setUp({ pivot: 'gone' });
  expect(box('Field names from').value).toBe('{gone}');
  view.unmount();
  await setUp();
  expect(screen.queryByRole('combobox', { name: 'Field names from' })).toBeNull();
});
