import { dateTimeFormat } from '@grafana/data';
import { act, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { EXPLORER_LIMITS, type MessageView, type ValueRow } from '../../engine/explorer-protocol';
import { FakeExplorer } from '../../testing/fake-explorer';
import type { MqttQuery } from '../../types';
import { MessageInspector } from './MessageInspector';

const POWER: ValueRow = {
  key: 'Power',
  depth: 1,
  kind: 'number',
  text: '5',
  path: 'ENERGY.Power',
  unit: 'watt',
  before: '4',
};
const STATE: ValueRow = {
  key: 'state',
  depth: 0,
  kind: 'string',
  text: 'ON',
  path: 'state',
  words: { true: 'ON', false: 'OFF' },
};
const LIST: ValueRow = { key: 'list', depth: 0, kind: 'list', text: '2 items', path: 'list', isRows: true };
const HEADER = {
  id: 1,
  topic: 'tele/plug1/SENSOR',
  qos: 1,
  retain: true,
  time: 0,
  length: 10,
  excerpt: '{"a":1}',
} as const;

function viewOf(over: Partial<MessageView> = {}): MessageView {
  return {
    messages: 2,
    newer: 0,
    limits: EXPLORER_LIMITS,
    refused: [],
    list: [HEADER, { ...HEADER, id: 2, topic: 'tele/plug2/SENSOR' }],
    detail: {
      ...HEADER,
      userProperties: { site: 'north' },
      values: [{ key: 'ENERGY', depth: 0, kind: 'object', text: '1 value', path: 'ENERGY' }, POWER, STATE, LIST],
      cut: false,
      bytes: new TextEncoder().encode('{"a":"ü"}'),
    },
    ...over,
  };
}

function setUp(over?: Partial<MessageView>, first: Partial<MqttQuery> = {}) {
  const explorer = new FakeExplorer({});
  explorer.messages = viewOf(over);
  const onChange = vi.fn<(query: MqttQuery) => void>();
  const inspect = vi.fn<(query: MqttQuery) => ReturnType<typeof opened>>(() => opened());
  const opened = () => explorer.client;
  function Host(): React.JSX.Element {
    const [query, setQuery] = useState<MqttQuery>({ refId: 'A', topic: 'tele/+/SENSOR', ...first });
    return (
      <MessageInspector
        id="inspector"
        datasource={{ inspect }}
        query={query}
        sample={{ topic: 'old', hex: '31', length: 1 }}
        onChange={(next) => {
          onChange(next);
          setQuery(next);
        }}
        onUnit={() => {}}
      />
    );
  }
  const view = render(<Host />);
  return { explorer, onChange, inspect, view, user: userEvent.setup(), last: () => onChange.mock.lastCall?.[0] };
}

describe('the message inspector', () => {
  test('makes a value a field with its unit, and back', async () => {
    const { user, last } = setUp();
    const power = screen.getByRole('button', { name: '5 W was 4: field ENERGY.Power' });
    expect(power.textContent).toBe('5 W was 4');
    expect(power.title).toBe('Click to make it a field, with the unit W');
    await user.click(power);
    expect(last()?.fields).toEqual([{ path: 'ENERGY.Power', unit: 'watt' }]);
    expect(power.getAttribute('aria-pressed')).toBe('true');
    await user.click(power);
    expect(last()?.fields).toBeUndefined();
  });

  test('shows the unit that the query gives a field, instead of what is known', () => {
    setUp(undefined, { fields: [{ path: 'ENERGY.Power', unit: 'kwatt' }] });
    expect(screen.getByRole('button', { name: '5 kW was 4: field ENERGY.Power' })).toBeTruthy();
  });

  test('says as what number a text is read, and reads it so', async () => {
    const text = { key: 't', depth: 0, kind: 'string', path: 't', type: 'number' } as const;
    const values: ValueRow[] = [
      { ...text, text: '21.3 °C', readsAs: '21.3 °C', payloadUnit: '°C' },
      { ...text, path: 'p', text: '5', readsAs: '5', unit: 'watt' },
    ];
    const { user, last } = setUp({ detail: { ...viewOf().detail!, values } });
    const button = screen.getByRole('button', { name: '"21.3 °C" as the number 21.3 °C: field t' });
    expect(button.textContent).toBe('"21.3 °C"→ 21.3 °C');
    await user.click(button);
    await user.click(screen.getByRole('button', { name: '"5" as the number 5 W: field p' }));
    expect(last()?.fields).toEqual([
      { path: 't', type: 'number' },
      { path: 'p', type: 'number', unit: 'watt' },
    ]);
  });

  test('makes a value a label, maps words, and makes rows of a list', async () => {
    const { user, last, inspect } = setUp();
    await user.click(screen.getByRole('button', { name: 'Label: state' }));
    expect(last()?.labels).toEqual([{ path: 'state' }]);
    await user.click(screen.getByRole('button', { name: 'ON/OFF → 1/0: state' }));
    expect(last()?.mappings).toEqual([{ path: 'state', true: 'ON', false: 'OFF' }]);
    // The session goes on: the query reads the same messages in the same way.
    expect(inspect).toHaveBeenCalledOnce();
    await user.click(screen.getByRole('button', { name: 'Rows: list' }));
    expect(last()?.rows).toBe('list');
    expect(inspect).toHaveBeenCalledTimes(2);
  });

  test('shows what the broker says of the message, its text and its bytes', async () => {
    const { user } = setUp();
    const inspector = within(screen.getByRole('group', { name: 'Message inspector' }));
    expect(inspector.getByText(/QoS 1, retained, 10 bytes/)).toBeTruthy();
    expect(inspector.getByText('User properties: site = north')).toBeTruthy();
    await user.click(inspector.getByRole('radio', { name: 'Text' }));
    expect(inspector.getByText('{"a":"ü"}')).toBeTruthy();
    await user.click(inspector.getByRole('radio', { name: 'Hex' }));
    expect(inspector.getByText('7b 22 61 22 3a 22 c3 bc 22 7d')).toBeTruthy();
  });

  test('copies and saves a payload and the list, and does not take a part of a payload for all of it', async () => {
    const saved: Array<[name: string, content: Blob]> = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((content) => {
      saved.push(['', content as Blob]);
      return 'blob:1';
    });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved.at(-1)![0] = this.download;
    });
    const { user, explorer } = setUp();
    await user.click(screen.getByRole('button', { name: 'Save payload' }));
    expect(saved[0][0]).toBe('SENSOR');
    expect(new Uint8Array(await saved[0][1].arrayBuffer())).toEqual(viewOf().detail!.bytes);
    await user.click(screen.getByRole('button', { name: 'Save list' }));
    await vi.waitFor(() => expect(saved[1]?.[0]).toBe('messages.jsonl'));
    await user.click(screen.getByRole('button', { name: 'Copy list' }));
    await vi.waitFor(async () => expect(await navigator.clipboard.readText()).toBe('{}\n'));
    expect(screen.getByRole('button', { name: 'Copy payload' })).toBeTruthy();

    act(() => explorer.setMessages(viewOf({ detail: { ...viewOf().detail!, length: 20_000 } })));
    expect(screen.queryByRole('button', { name: 'Save payload' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Copy payload' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Copy what is shown' })).toBeTruthy();
    vi.restoreAllMocks();
  });

  test('shows the rows that the query makes, only while they are looked at', async () => {
    const { user, explorer, last } = setUp();
    expect(explorer.inspected?.mapping).toBeUndefined();
    await user.click(screen.getByRole('radio', { name: 'Result' }));
    expect(explorer.inspected?.mapping).toBeDefined();
    expect(screen.getByText('The query makes no rows of these messages.')).toBeTruthy();
    act(() => explorer.setMessages(viewOf({ preview: { columns: ['Time', 'power'], rows: [['', '5']] } })));
    expect(screen.getAllByRole('cell').map(({ textContent }) => textContent)).toEqual(['', '5']);
    expect(last()).toBeUndefined();
  });

  test('shows the result with the named levels as columns, and the time as the list does', async () => {
    const { user, explorer } = setUp(undefined, { topic: 'tele/{plug}/{rest#}' });
    await user.click(screen.getByRole('radio', { name: 'Result' }));
    const time = '2026-11-30T03:05:02.926Z';
    const preview = {
      columns: ['Time', 'topic', 'power'],
      rows: [
        [time, 'tele/plug1/a/b', '5'],
        ['', 'tele/plug2/c', '6'],
      ],
    };
    act(() => explorer.setMessages(viewOf({ preview })));
    const text = (role: string): Array<string | null> =>
      screen.getAllByRole(role).map(({ textContent }) => textContent);
    expect(text('columnheader')).toEqual(['Time', 'topic', 'plug', 'rest', 'power']);
    const local = dateTimeFormat(time, { format: 'YYYY-MM-DD HH:mm:ss.SSS' });
    expect(text('cell')).toEqual([local, 'tele/plug1/a/b', 'plug1', 'a/b', '5', '', 'tele/plug2/c', 'plug2', 'c', '6']);
  });

  test('makes rows for the result as the query does', async () => {
    const { user, explorer } = setUp(undefined, { rows: 'list', rowsAs: 'columns' });
    await user.click(screen.getByRole('radio', { name: 'Result' }));
    expect(explorer.inspected?.mapping).toMatchObject({ rows: 'list', rowsAs: 'columns' });
  });

  test('stays at a message that is selected until somebody follows the newest', async () => {
    const { user, explorer } = setUp();
    await user.click(screen.getByRole('button', { name: /plug2/ }));
    expect(explorer.inspected).toEqual({ hold: true, selected: 2 });
    act(() => explorer.setMessages(viewOf({ newer: 1_200 })));
    expect(screen.getByRole('status').textContent).toBe('2 messages; 1,200 newer since you read');
    await user.click(screen.getByRole('button', { name: 'Follow the newest' }));
    expect(explorer.inspected?.selected).toBeUndefined();
  });

  test('the list of messages is one stop for the keyboard, with arrows from message to message', async () => {
    const { user, explorer } = setUp();
    const buttons = within(screen.getByRole('list', { name: 'Last messages' })).getAllByRole('button');
    expect(buttons.filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
    act(() => buttons.find(({ tabIndex }) => tabIndex === 0)!.focus());
    await user.keyboard('{Home}');
    expect(document.activeElement).toBe(buttons[0]);
    await user.keyboard('{ArrowUp}');
    expect(document.activeElement).toBe(buttons[0]);
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(buttons[1]);
    await user.keyboard('{End}{Enter}');
    expect(explorer.inspected?.selected).toBe(viewOf().list[1].id);
  });

  test('says that nothing has come, that the broker refused, or why it is paused', () => {
    const { explorer } = setUp({ messages: 0, list: [], detail: undefined });
    const status = () => screen.getByRole('status').textContent;
    expect(status()).toMatch(/^No message yet/);
    act(() => explorer.setMessages(viewOf({ refused: [{ filter: 'x', reason: 'not authorized' }] })));
    expect(status()).toBe('The broker refused the subscription to "x": not authorized.');
    act(() => explorer.setMessages(viewOf({ paused: 'rate' })));
    expect(status()).toMatch(/^Paused: more than 10,000 messages a second/);
  });

  test('shows why a payload did not decode, and offers the format that reads it', async () => {
    const { user, last, explorer } = setUp();
    const { detail } = viewOf();
    act(() => explorer.setMessages(viewOf({ detail: { ...detail!, values: [], failure: 'It is not JSON.' } })));
    expect(screen.getByText('It is not JSON.')).toBeTruthy();
    act(() => explorer.setMessages(viewOf({ detail: { ...detail!, readAs: 'number' } })));
    await user.click(screen.getByRole('button', { name: 'Read as a number with a unit' }));
    expect(last()?.format).toBe('number');
  });

  test('begins with the message that a panel has, and closes its session', () => {
    const { explorer, view } = setUp();
    expect(explorer.seeded).toEqual(['old']);
    expect(explorer.opened).toBe(1);
    view.unmount();
    expect(explorer.opened).toBe(0);
  });
});
