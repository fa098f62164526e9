import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import type { MqttDataSource } from '../datasource';
import { EXPLORER_LIMITS, type ValueRow } from '../engine/explorer-protocol';
import { FakeExplorer } from '../testing/fake-explorer';
import type { MqttQuery } from '../types';
import { QueryEditor } from './QueryEditor';

const value = (path: string): ValueRow => ({ key: path, depth: 0, kind: 'number', text: '5', path });

/** An editor with its inspector open, on a message with the values `temp` and `hum`. */
async function setUp(saved: Partial<MqttQuery> = {}) {
  const header = { id: 1, topic: 't', retain: false, length: 1, excerpt: '' };
  const explorer = new FakeExplorer({});
  explorer.messages = {
    messages: 1,
    newer: 0,
    limits: EXPLORER_LIMITS,
    refused: [],
    list: [header],
    detail: {
      ...header,
      userProperties: {},
      values: [value('temp'), value('hum')],
      cut: false,
      bytes: new Uint8Array(1),
    },
  };
  const datasource = { openEditor: () => () => {}, inspect: () => explorer.client } as unknown as MqttDataSource;
  function Host(): React.JSX.Element {
    const [query, setQuery] = useState<MqttQuery>({ refId: 'A', topic: 't', ...saved });
    return <QueryEditor datasource={datasource} query={query} onChange={setQuery} onRunQuery={() => {}} />;
  }
  render(<Host />);
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Inspect messages' }));
  const unitOf = (n: number) =>
    within(screen.getByRole('group', { name: `field ${n}` })).getByRole<HTMLInputElement>('textbox', { name: /^Unit/ });
  return { user, unitOf };
}

test('the unit of a value that was clicked is one click away, and has the focus then', async () => {
  const { user, unitOf } = await setUp();
  expect(screen.queryByRole('button', { name: 'Unit: hum' })).toBeNull();
  await user.click(screen.getByRole('button', { name: '5: field temp' }));
  await user.click(screen.getByRole('button', { name: '5: field hum' }));
  // What is clicked next stays under the pointer: nothing opens or takes the focus by itself.
  expect(screen.queryByRole('group', { name: 'field 2' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Unit: hum' }));
  await waitFor(() => expect(document.activeElement).toBe(unitOf(2)));
  await user.click(screen.getByRole('button', { name: 'Unit: temp' }));
  await waitFor(() => expect(document.activeElement).toBe(unitOf(1)));
});

test('the same with the keyboard alone, again and again', async () => {
  const { user, unitOf } = await setUp();
  screen.getByRole('button', { name: '5: field hum' }).focus();
  await user.keyboard('{Enter}');
  for (let times = 0; times < 2; times++) {
    screen.getByRole('button', { name: '5: field hum' }).focus();
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Unit: hum' }));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(document.activeElement).toBe(unitOf(1)));
  }
});

test('keeps the focus when a unit is chosen from the search', async () => {
  const { user, unitOf } = await setUp({ fields: [{ path: 'temp' }] });
  await user.click(screen.getByRole('button', { name: 'Unit: temp' }));
  await waitFor(() => expect(document.activeElement).toBe(unitOf(1)));
  for (const [typed, chosen] of [
    ['Celsius{Enter}', 'Celsius (°C)'],
    ['bananas{Enter}', 'bananas'],
  ] as const) {
    await user.keyboard(typed);
    await waitFor(() => expect(unitOf(1).value).toBe(chosen));
    expect(document.activeElement).toBe(unitOf(1));
  }
});

test('finds the unit behind a field that has no path yet', async () => {
  const { user, unitOf } = await setUp({ fields: [{ path: 'temp' }] });
  await user.click(screen.getByRole('button', { name: /^Payload/ }));
  await user.click(screen.getByRole('button', { name: 'Add field' }));
  await user.click(screen.getByRole('button', { name: 'Add field' }));
  const second = within(screen.getByRole('group', { name: 'field 3' })).getByRole('textbox', { name: /^Path/ });
  await user.type(second, 'hum');
  await user.tab();
  await user.click(screen.getByRole('button', { name: 'Unit: hum' }));
  await waitFor(() => expect(document.activeElement).toBe(unitOf(3)));
});

test('the section folds and opens as before, and takes no focus then', async () => {
  const { user } = await setUp({ fields: [{ path: 'temp' }] });
  await user.click(screen.getByRole('button', { name: 'Unit: temp' }));
  const section = screen.getByRole('button', { name: /^Payload/ });
  await user.click(section);
  expect(screen.queryByRole('group', { name: 'field 1' })).toBeNull();
  await user.click(section);
  expect(screen.getByRole('group', { name: 'field 1' })).toBeTruthy();
  expect(document.activeElement).toBe(section);
});
