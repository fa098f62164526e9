import { CoreApp, dateTime, getDefaultTimeRange, LoadingState, type PanelData } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { act, cleanup, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import type { MqttDataSource } from '../datasource';
import { QUERY_VERSION } from '../migrate';
import type { MqttQuery, QueryDiagnostics } from '../types';
import { QueryEditor } from './QueryEditor';

/** The state of the query in a panel. */
function shown(mqtt: Partial<QueryDiagnostics>, refId = 'A'): PanelData {
  const meta = { custom: { mqtt: { messages: 0, failed: 0, ...mqtt } } };
  return {
    state: LoadingState.Streaming,
    series: [{ refId, fields: [], length: 0, meta }],
    timeRange: getDefaultTimeRange(),
  };
}

const ON_OFF = { path: 'c', true: 'ON', false: 'OFF' };
const META = { baseUrl: 'public/plugins/mqtt' };

function setUp(
  saved: Partial<MqttQuery> = {},
  data?: PanelData,
  props: Partial<Parameters<typeof QueryEditor>[0]> = {}
) {
  const onChange = vi.fn<(query: MqttQuery) => void>();
  const onRunQuery = vi.fn<() => void>();
  const closed = vi.fn<() => void>();
  const datasource = { openEditor: () => closed, explore: () => undefined, meta: META } as unknown as MqttDataSource;
  let replace: ((query: MqttQuery) => void) | undefined;

  function Host(): React.JSX.Element {
    const [query, setQuery] = useState<MqttQuery>({ refId: 'A', topic: '', ...saved });
    replace = setQuery;
    return (
      <QueryEditor
        datasource={datasource}
        query={query}
        onChange={(next) => {
          onChange(next);
          setQuery(next);
        }}
        onRunQuery={onRunQuery}
        data={data}
        {...props}
      />
    );
  }

  const user = userEvent.setup();
  const view = render(<Host />);
  const last = () => onChange.mock.lastCall?.[0];
  return { user, closed, onChange, onRunQuery, last, view, replace: (query: MqttQuery) => replace?.(query) };
}

const topic = (description?: string | RegExp) =>
  screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Topic', description });
const legend = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Legend' });

const rows = () => screen.getByRole<HTMLInputElement>('textbox', { name: /^Keep rows/ });
const toggle = () => screen.getByRole('button', { name: /^Options/ });

async function choose(user: ReturnType<typeof userEvent.setup>, field: string, option: RegExp): Promise<void> {
  await user.click(screen.getByRole<HTMLInputElement>('combobox', { name: field }));
  await user.click(await screen.findByRole('option', { name: option }));
}

describe('topic', () => {
  test('is saved and run when Enter is pressed on a single line', async () => {
    const { user, onChange, onRunQuery, last } = setUp();
    await user.type(topic(), 'home/kitchen/temperature');
    expect(onChange).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    expect(last()).toEqual({ refId: 'A', version: QUERY_VERSION, topic: 'home/kitchen/temperature' });
    expect(onRunQuery).toHaveBeenCalledOnce();
    expect(topic().value).toBe('home/kitchen/temperature');
  });

  test('is saved when it is left, once', async () => {
    const { user, onChange, onRunQuery } = setUp();
    await user.type(topic(), 'a/b{Enter}');
    await user.tab();
    expect(onChange).toHaveBeenCalledOnce();
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  test('Shift+Enter makes a line, Enter then makes another, Ctrl+Enter saves', async () => {
    const { user, onChange, last } = setUp();
    await user.type(topic(), 'a/b{Shift>}{Enter}{/Shift}c/d{Enter}e/f');
    expect(onChange).not.toHaveBeenCalled();
    expect(topic().value).toBe('a/b\nc/d\ne/f');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(last()?.topic).toBe('a/b\nc/d\ne/f');
  });

  test('Cmd+Enter saves too', async () => {
    const { user, last } = setUp();
    await user.type(topic(), 'a/b{Meta>}{Enter}{/Meta}');
    expect(last()?.topic).toBe('a/b');
  });

  test('nothing is saved or run when nothing was changed', async () => {
    const { user, onChange, onRunQuery } = setUp({ topic: 'a/b\n' });
    await user.click(topic());
    await user.tab();
    expect(onChange).not.toHaveBeenCalled();
    expect(onRunQuery).not.toHaveBeenCalled();
  });

  test('a change without effect is saved tidily and not run', async () => {
    const { user, onRunQuery, last } = setUp({ topic: 'a/b\n\nc/d' });
    await user.type(topic(), '{Shift>}{Enter}{/Shift}  ');
    await user.tab();
    expect(last()?.topic).toBe('a/b\nc/d');
    expect(topic().value).toBe('a/b\nc/d');
    expect(onRunQuery).not.toHaveBeenCalled();
  });

  test('says at once what is wrong, under the field, and what is right', async () => {
    const { user } = setUp();
    await user.type(topic(), 'home/#/t');
    expect(screen.getByRole('alert').textContent).toMatch(/nothing may follow/);
    expect(topic().getAttribute('aria-invalid')).toBe('true');
    expect(topic(/nothing may follow/)).toBeTruthy();
    await user.clear(topic());
    await user.type(topic(), 'home/+/t');
    expect(screen.queryByRole('alert')).toBeNull();
    expect(topic('All topics that match home/+/t')).toBeTruthy();
  });

  test('an empty query has a hint and is not wrong, even after its field was visited', async () => {
    const { user } = setUp();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(topic(/such as home\/kitchen\/temperature/)).toBeTruthy();
    await user.click(topic());
    await user.tab();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(topic(/such as home\/kitchen\/temperature/).getAttribute('aria-invalid')).toBe('false');
  });

  test('is not judged while it holds variables', async () => {
    const { user } = setUp();
    await user.type(topic(), 'home/$room+');
    expect(screen.queryByRole('alert')).toBeNull();
    expect(topic('Variables are replaced when the query runs')).toBeTruthy();
  });

  test('follows the query when it changes from elsewhere', async () => {
    const { user, replace } = setUp({ topic: 'a' });
    await user.type(topic(), 'typed');
    replace({ refId: 'A', topic: 'b/c' });
    expect(await screen.findByDisplayValue('b/c')).toBe(topic());
  });

  test('survives a saved query without one', () => {
    setUp({ topic: undefined });
    expect(topic().value).toBe('');
  });
});

describe('format, QoS and shape', () => {
  test('show the defaults without saving them', () => {
    const { onChange } = setUp();
    expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'Format' }).value).toBe('Auto');
    expect(screen.getByRole<HTMLInputElement>('combobox', { name: 'QoS' }).value).toBe('0 – at most once');
    expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Time series' }).checked).toBe(true);
    expect(onChange).not.toHaveBeenCalled();
  });

  test('save what is chosen and run', async () => {
    const { user, onRunQuery, last } = setUp({ topic: 'a' });
    await choose(user, 'Format', /JSON/);
    await choose(user, 'QoS', /1 – at least once/);
    await user.click(screen.getByRole<HTMLInputElement>('radio', { name: 'Latest values' }));
    expect(last()).toEqual({ refId: 'A', version: QUERY_VERSION, topic: 'a', format: 'json', qos: 1, shape: 'latest' });
    expect(onRunQuery).toHaveBeenCalledTimes(3);
  });

  test('take a default out of the saved query again', async () => {
    const { user, last } = setUp({ topic: 'a', qos: 2, format: 'text', shape: 'latest' });
    await choose(user, 'QoS', /0 – at most once/);
    await choose(user, 'Format', /Auto/);
    await user.click(screen.getByRole<HTMLInputElement>('radio', { name: 'Time series' }));
    expect(last()).toStrictEqual({ refId: 'A', version: QUERY_VERSION, topic: 'a' });
  });

  test('keep fields of the saved query that this version does not know', async () => {
    const later = { topic: 'a', fields: [{ path: 'x' }], datasource: { uid: 'u' } };
    const { user, last } = setUp(later);
    await choose(user, 'QoS', /2 – exactly once/);
    await user.type(topic(), '/b{Enter}');
    expect(last()).toEqual({ refId: 'A', version: QUERY_VERSION, ...later, topic: 'a/b', qos: 2 });
  });
});

describe('version', () => {
  test('is written when the query is edited, and not before', async () => {
    const { user, onChange, last } = setUp({ topic: 'a' });
    await user.click(topic());
    await user.tab();
    expect(onChange).not.toHaveBeenCalled();
    await choose(user, 'QoS', /1 – at least once/);
    expect(last()).toEqual({ refId: 'A', version: QUERY_VERSION, topic: 'a', qos: 1 });
  });

  test('of a newer plugin: an error, and no form that could misread and overwrite the query', () => {
    setUp({ topic: 'a', version: QUERY_VERSION + 1 });
    expect(screen.getByRole('alert').textContent).toMatch(/newer version of the MQTT Stream plugin/);
  });

  test('JSON that is no query is named in words, and the editor stays', () => {
    setUp({ topic: 'a', labels: [null] } as unknown as Partial<MqttQuery>);
    expect(screen.getByRole('alert').textContent).toMatch('"labels[0]" must be an object');
    expect(screen.queryByRole('textbox')).toBeNull();
  });
});

describe('legend', () => {
  test('is saved on Enter and when it is left, trimmed', async () => {
    const { user, onChange, onRunQuery, last } = setUp({ topic: 'a' });
    await user.type(legend(), ' {{{{room}} {Enter}');
    expect(last()?.legend).toBe('{{room}}');
    await user.tab();
    expect(onChange).toHaveBeenCalledOnce();
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  test('offers what it can use, and puts it in', async () => {
    const { user, last } = setUp({ topic: 'home/{room}/{sensor}' });
    const offered = screen.getAllByRole('button', { name: /^Insert/ }).map((button) => button.textContent);
    expect(offered).toEqual(['room', 'sensor', 'field', 'topic']);
    await user.click(screen.getByRole('button', { name: 'Insert {{room}}' }));
    await user.click(screen.getByRole('button', { name: 'Insert {{field}}' }));
    expect(last()?.legend).toBe('{{room}} {{field}}');
    expect(legend().value).toBe('{{room}} {{field}}');
  });

  test('puts it in where the caret is', async () => {
    const { user, last } = setUp({ topic: '{room}', legend: 'in (now)' });
    await user.click(legend());
    legend().setSelectionRange(3, 3);
    await user.click(screen.getByRole('button', { name: 'Insert {{room}}' }));
    expect(last()?.legend).toBe('in {{room}}(now)');
  });

  test('offers the names of what is typed before it is saved', async () => {
    const { user } = setUp();
    await user.type(topic(), 'home/{{room}');
    expect(screen.getByRole('button', { name: 'Insert {{room}}' })).toBeTruthy();
  });

  test('is not asked for where there are no series, and is not lost either', async () => {
    const { user, last } = setUp({ topic: 'a', legend: '{{topic}}', shape: 'latest' });
    expect(screen.queryByRole('textbox', { name: 'Legend' })).toBeNull();
    await user.click(screen.getByRole('radio', { name: 'Time series' }));
    expect(last()?.legend).toBe('{{topic}}');
    expect(legend().value).toBe('{{topic}}');
  });

  test('emptied, it leaves the saved query', async () => {
    const { user, last } = setUp({ topic: 'a', legend: 'x' });
    await user.clear(legend());
    await user.tab();
    expect(last()).toStrictEqual({ refId: 'A', version: QUERY_VERSION, topic: 'a' });
  });
});

describe('options', () => {
  test('are closed, with a line that says what is set', async () => {
    const { user } = setUp({ keep: { rows: 500 } });
    expect(screen.queryByRole('textbox', { name: /^Keep rows/ })).toBeNull();
    expect(screen.getByRole('button', { name: /Keep: 500 rows/ })).toBe(toggle());
    await user.click(toggle());
    expect(rows().value).toBe('500');
  });

  test('the number of rows is saved when it is valid, and the rest of keep survives', async () => {
    const keep = { rows: 500, age: '1h' };
    const { user, onRunQuery, last } = setUp({ topic: 'a', keep });
    await user.click(toggle());
    await user.clear(rows());
    await user.type(rows(), '2000{Enter}');
    expect(last()?.keep).toEqual({ rows: 2000, age: '1h' });
    expect(onRunQuery).toHaveBeenCalledOnce();
    await user.clear(rows());
    await user.tab();
    expect(last()?.keep).toEqual({ age: '1h' });
  });

  test.each(['0', '100001', '1.5', 'many'])('%s rows are refused in words and not saved', async (typed) => {
    const { user, onChange } = setUp({ topic: 'a' });
    await user.click(toggle());
    await user.type(rows(), `${typed}{Enter}`);
    expect(screen.getByRole('alert').textContent).toMatch('whole number from 1 to 100,000');
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe('status of the query', () => {
  const connection = () => screen.getByRole('group', { name: 'Connection to the broker' });
  const alerts = () => screen.queryAllByRole('alert').map(({ textContent }) => textContent);
  const since = new Date(2026, 4, 17, 12, 34, 56).getTime();

  const line = () => screen.getByRole('group', { name: 'Status of the query' });
  const counts = {
    rate: 2,
    age: 3_000,
    topics: 2,
    series: 2,
    rows: 1_234,
    dropped: 0,
    paths: [],
    lists: [],
  } as const;

  test('one line while the connection works', () => {
    setUp({ topic: 'a' }, shown({ connection: { state: 'connected', since, protocol: '5' }, messages: 1_300, counts }));
    expect([...line().children].map(({ textContent }) => textContent)).toEqual([
      'Live',
      '1,300 messages',
      '2 /s',
      'last one 3 s ago',
      '2 topics',
      '1,234 rows stored',
      'MQTT 5',
    ]);
    expect(screen.queryByRole('group', { name: 'Connection to the broker' })).toBeNull();
    expect(alerts()).toEqual([]);
  });

  test('the line has its place before the first response, so that nothing moves', () => {
    setUp({ topic: 'a' });
    expect(line().textContent).toBe('');
  });

  test('what comes and goes is below the form', () => {
    const notices = [{ severity: 'warning', text: '2,039 topics match; the first 500 are shown.' }] as const;
    const missing = [{ kind: 'field', path: 'x', nearest: ['y'] }] as const;
    const mappings = [{ path: 'state', true: 'ON', false: 'OFF' }];
    setUp({ topic: 'a' }, shown({ notices, missing, mappings, failed: 1 }));
    const options = screen.getByRole('button', { name: /^Options/ });
    const below = [
      screen.getByText(notices[0].text),
      screen.getByRole('group', { name: 'Paths that no message has' }),
      screen.getByRole('list', { name: 'Suggested value mappings' }),
      screen.getByText(/did not decode/),
    ];
    expect(below.filter((each) => options.compareDocumentPosition(each) !== 4)).toEqual([]);
  });

  test('says where MQTT runs if it is not in a Worker', () => {
    const inPage = 'the browser did not allow a Worker';
    setUp({ topic: 'a' }, shown({ connection: { state: 'connected', since, protocol: '3.1.1', inPage } }));
    expect(connection().textContent).toBe(`MQTT runs in the page instead of a Worker: ${inPage}`);
  });

  test('says why messages are not stored for a reload', () => {
    const storage = 'Messages are not stored for a reload of the page: the disk is full.';
    setUp({ topic: 'a' }, shown({ connection: { state: 'connected', since, protocol: '5', storage } }));
    expect(connection().textContent).toBe(storage);
  });

  test('says why there is no connection, with the details', () => {
    const error = { message: 'Cannot reach ws://broker. Check the port.', details: 'WebSocket closed with code 1006' };
    setUp({ topic: 'a' }, shown({ connection: { state: 'connecting', since, error } }));
    const [text] = alerts();
    expect(text).toContain('Cannot reach ws://broker. Check the port.');
    expect(text).toContain('Details: WebSocket closed with code 1006');
  });

  test('shows a problem of the query once', () => {
    const refused = 'The broker refused the subscription to "a": so it is.';
    setUp({ topic: 'a' }, shown({ problems: [refused] }));
    expect(alerts()).toEqual([refused]);
  });

  test('a problem of the query goes while somebody types another topic', async () => {
    const { user } = setUp({ topic: 'a' }, shown({ problems: ['The broker refused "a".'] }));
    expect(alerts()).toHaveLength(1);
    await user.type(topic(), 'b');
    expect(alerts()).toEqual([]);
  });

  test('a value mapping is not carried over to another topic without a word', async () => {
    const mappings = [{ path: 'Value', true: 'ON', false: 'OFF' }];
    const { user, last } = setUp({ topic: 'a', mappings });
    const group = () => screen.queryByRole('group', { name: 'Value mappings of another topic' });
    await user.type(topic(), '/b{Enter}');
    expect(group()?.textContent).toMatch(/Value: ON\/OFF/);
    await user.click(screen.getByRole('button', { name: 'Keep the value mappings' }));
    expect(group()).toBeNull();
    expect(last()?.mappings).toEqual(mappings);
    await user.type(topic(), '/c{Enter}');
    await user.click(screen.getByRole('button', { name: 'Remove the value mappings' }));
    expect(last()).toMatchObject({ topic: 'a/b/c' });
    expect(last()?.mappings).toBeUndefined();
    expect(group()).toBeNull();
  });

  test.each(['Format', 'QoS', 'Separator'])('Escape does not empty %s', async (name) => {
    const { user, onChange } = setUp({ topic: 'a', format: 'csv', formatOptions: { delimiter: ';' } });
    await user.click(screen.getByRole('button', { name: /^Payload/ }));
    const field = screen.getByRole<HTMLInputElement>('combobox', { name });
    const before = field.value;
    act(() => field.focus());
    await user.keyboard('{Escape}');
    await user.tab();
    expect(field.value).toBe(before);
    await user.click(field);
    await user.keyboard('{Escape}{Escape}');
    expect(field.value).toBe(before);
    expect(onChange).not.toHaveBeenCalled();
  });

  test('a problem that the topic field shows is not repeated', () => {
    setUp({ topic: 'a/#/b' });
    const [problem] = screen.getAllByRole('alert').map(({ textContent }) => textContent);
    cleanup();
    setUp({ topic: 'a/#/b' }, shown({ problems: [problem] }));
    expect(alerts()).toEqual([problem]);
  });

  test('offers topics that exist near one that does not, and runs the one that is chosen', async () => {
    const nearest = [{ filter: 'Home/+/t', topics: ['home/+/t', 'home/kitchen/temp'] }];
    const { user, last, onRunQuery } = setUp({ topic: 'other\nHome/{room}/t' }, shown({ nearest }));
    const group = screen.getByRole('group', { name: 'Nearest topics' });
    expect(group.textContent).toMatch(/No message yet on Home\/\+\/t\. Nearest topics that exist: ?home/);
    await user.click(within(group).getByRole('button', { name: 'Use home/+/t' }));
    expect(last()?.topic).toBe('other\nhome/{room}/t');
    expect(topic().value).toBe('other\nhome/{room}/t');
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  test('has them in the room of the counts, right below the topic: without a message these say nothing', () => {
    const connection = { state: 'connected', since: 0 } as const;
    const nearest = [{ filter: 'a', topics: ['b'] }];
    const { view } = setUp({ topic: 'a' }, shown({ connection, nearest }));
    const line = within(screen.getByRole('group', { name: 'Status of the query' }));
    const group = line.getByRole('group', { name: 'Nearest topics' });
    expect(group.textContent).toMatch(/^No message yet\. Nearest topics that exist:/);
    expect(line.getByText('Live')).toBeTruthy();
    expect(line.queryByText('0 messages')).toBeNull();
    view.unmount();
    // Another filter of the query has messages.
    setUp({ topic: 'a\nc' }, shown({ connection, nearest, messages: 3 }));
    expect(screen.getByRole('group', { name: 'Status of the query' }).textContent).toMatch(/3 messages/);
    expect(screen.getByRole('group', { name: 'Nearest topics' })).toBeTruthy();
  });

  test('names them alone where a variable makes the filter', () => {
    setUp({ topic: 'Home/$room' }, shown({ nearest: [{ filter: 'Home/bath', topics: ['home/bath'] }] }));
    expect(screen.getByText('home/bath')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /^Use/ })).toBeNull();
  });

  test('is not what came of another query', () => {
    setUp({ topic: 'a' }, shown({ problems: ['Somebody else’s.'] }, 'B'));
    expect(alerts()).toEqual([]);
  });
});

describe('value mappings offered', () => {
  const offer = (path: string) => ({ path, true: 'ON', false: 'Off' });

  test('are added with one click to the mappings of the query, and run', async () => {
    const there = { path: 'door', true: 'open', false: 'closed' };
    const { user, last, onRunQuery } = setUp(
      { topic: 'a', mappings: [there] },
      shown({ mappings: [offer('state'), offer('["a.b"].c')] })
    );
    const list = screen.getByRole('list', { name: 'Suggested value mappings' });
    expect(within(list).getAllByRole('listitem')[0].textContent).toMatch(/^state is ON or Off\./);
    await user.click(within(list).getByRole('button', { name: 'Map ["a.b"].c to 1 and 0' }));
    expect(last()).toEqual({ refId: 'A', version: QUERY_VERSION, topic: 'a', mappings: [there, offer('["a.b"].c')] });
    expect(onRunQuery).toHaveBeenCalledOnce();
  });

  test('are few, and the rest is counted', () => {
    setUp({ topic: 'a' }, shown({ mappings: Array.from({ length: 9 }, (_, i) => offer(`state${i}`)) }));
    expect(screen.getAllByRole('button', { name: /^Map / })).toHaveLength(4);
    expect(screen.getByText('And 5 more.')).toBeTruthy();
  });

  test('are none where nothing is offered', () => {
    setUp({ topic: 'a' }, shown({}));
    expect(screen.queryByRole('list', { name: 'Suggested value mappings' })).toBeNull();
  });
});

test('says when it is opened and closed', () => {
  const { closed, view } = setUp({ topic: 'a' });
  expect(closed).not.toHaveBeenCalled();
  view.unmount();
  expect(closed).toHaveBeenCalledOnce();
});

test('two editors with the same refId do not share controls', async () => {
  const first = setUp({ topic: 'a' });
  const second = setUp({ topic: 'b' });
  const { container } = first.view;
  await first.user.click(within(second.view.container).getByRole('radio', { name: 'Latest values' }));
  expect(within(container).getByRole<HTMLInputElement>('radio', { name: 'Time series' }).checked).toBe(true);
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('help', () => {
  test('is a link next to the label of each control, to the page next to the plugin', async () => {
    const { user } = setUp({ topic: 't' });
    await user.click(screen.getByRole('button', { name: /^Payload/ }));
    await user.click(toggle());
    const labels = [...document.querySelectorAll('label')].map(({ textContent }) => textContent);
    const linked = screen.getAllByRole('link', { name: /^Documentation of / });
    expect(linked.length).toBeGreaterThan(8);
    expect(linked[0].getAttribute('href')).toMatch(/^public\/plugins\/mqtt\/docs\/query-editor\.html#/);
    const names = linked.map((link) => link.getAttribute('aria-label')!.replace('Documentation of ', ''));
    expect(names.filter((name) => !labels.some((label) => label.startsWith(name)))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['Topic', 'Format', 'QoS', 'Show as', 'Legend']));
  });

  test.each<[string, Partial<MqttQuery>]>([
    ['csv', { format: 'csv', time: { from: 'path' }, rows: 'a' }],
    ['regex', { format: 'regex', time: { from: 'auto', interval: '1' } }],
    ['int16', { format: 'int16', formatOptions: { unwrap: { encoding: 'hex' } }, pivot: 'a' }],
    ['fields, mappings and labels', { fields: [{ path: 'a' }], mappings: [ON_OFF], labels: [{ path: 'b' }] }],
  ])('is there for each control, with %s', async (_, query) => {
    const { user } = setUp({ topic: 't/{a}', ...query });
    for (const name of [/^Payload/, /^Options/]) {
      await user.click(screen.getByRole('button', { name }));
    }
    const labels = [...document.querySelectorAll('label')]
      .filter(({ control }) => (control as HTMLInputElement | null)?.type !== 'radio')
      .map(({ textContent }) => textContent);
    const groups = screen.getAllByRole('radiogroup').map((group) => group.getAttribute('aria-label'));
    const linked = screen
      .getAllByRole('link', { name: /^Documentation of / })
      .map((link) => link.getAttribute('aria-label')!.replace('Documentation of ', ''));
    expect(linked).toEqual(expect.arrayContaining([...labels, ...groups]));
  });
});

describe('a query of a time range that has ended', () => {
  const ended = () =>
    shown({
      connection: { state: 'connected', since: 0 },
      mode: 'ended',
    });
  const range = (seconds: number) => {
    const [from, to] = [dateTime(1_700_000_000_000 - seconds * 1_000), dateTime(1_700_000_000_000)];
    return { from, to, raw: { from, to } };
  };

  test.each([
    [10, 'now-5m'],
    [3_600, 'now-60m'],
  ])('of %d s goes back to now with a click', async (seconds, from) => {
    const { user } = setUp({ topic: 't' }, ended(), { range: range(seconds), app: CoreApp.Dashboard });
    await user.click(screen.getByRole('button', { name: 'Back to now' }));
    const search = new URLSearchParams(locationService.getLocation().search);
    expect([search.get('from'), search.get('to')]).toEqual([from, 'now']);
  });

  test('has no such button in Explore, which keeps its range elsewhere', () => {
    setUp({ topic: 't' }, ended(), { range: range(10), app: CoreApp.Explore });
    expect(screen.getByText(/^Not live/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Back to now' })).toBeNull();
  });
});
