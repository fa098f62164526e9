import { setTemplateSrv, type TemplateSrv } from '@grafana/runtime';
import { act, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, test, vi } from 'vitest';
import { FakeExplorer } from '../../testing/fake-explorer';
import { TopicAssist } from './TopicAssist';
import { ROW_HEIGHT } from './TopicTree';

const HOUSE = {
  'tele/plug1/SENSOR': '{"ENERGY":{"Power":5}}',
  'tele/plug2/SENSOR': '{"ENERGY":{"Power":6}}',
  'tele/plug1/STATE': '{"POWER":"ON"}',
  'home/kitchen/temperature': '21.5',
};

function setUp({ browsing = true, draft = '', topics = HOUSE } = {}) {
  const explorer = new FakeExplorer(topics);
  const onTopic = vi.fn<(text: string) => void>();
  const onClose = vi.fn<() => void>();
  const onEnter = vi.fn<() => void>();
  function Host(): React.JSX.Element {
    const [text, setText] = useState(draft);
    return (
      <div>
        <textarea
          id="topic"
          aria-label="Topic"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && onEnter()}
        />
        <TopicAssist
          id="browse"
          inputId="topic"
          datasource={{ explore: () => explorer.client }}
          draft={text}
          onDraft={setText}
          onTopic={(next) => {
            onTopic(next);
            setText(next);
          }}
          browsing={browsing}
          onClose={onClose}
        />
      </div>
    );
  }
  const view = render(<Host />);
  return { explorer, onTopic, onClose, onEnter, view, user: userEvent.setup() };
}

const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Topic' });
const rows = () => screen.getAllByRole('treeitem').map(({ textContent }) => textContent);
const row = (name: RegExp) => screen.getByRole('treeitem', { name });

describe('the topic browser', () => {
  test('says in the list that there is no topic yet, or that none is found', async () => {
    const { explorer, user } = setUp({ topics: {} as typeof HOUSE });
    const tree = screen.getByRole('tree', { name: 'Topics' });
    expect(tree.textContent).toMatch(/^No topic yet\. Retained messages appear at once/);
    act(() => explorer.override({ granted: false }));
    expect(tree.textContent).toBe('');
    act(() => explorer.override({ refused: [{ filter: '#', reason: 'no' }] }));
    expect(tree.textContent).toBe('');
    act(() => explorer.override({ topics: 4 }));
    await user.type(screen.getByRole('textbox', { name: 'Search topics' }), 'x');
    expect(screen.getByRole('tree', { name: 'Topics' }).textContent).toBe('No topic contains all of these words.');
  });

  test('shows the tree with values, and closes the session with itself', () => {
    const { explorer, view } = setUp();
    expect(explorer.opened).toBe(1);
    expect(rows()).toHaveLength(9);
    expect(row(/^temperature ?21\.5/).getAttribute('aria-level')).toBe('3');
    expect(screen.getByRole('status').textContent).toBe('4 topics, 4 messages, 62 bytes');
    view.unmount();
    expect(explorer.opened).toBe(0);
  });

  test('a click on a topic chooses it, on a branch opens and closes it', async () => {
    const { user, onTopic } = setUp();
    await user.click(row(/^temperature/));
    expect(onTopic).toHaveBeenLastCalledWith('home/kitchen/temperature');
    await user.click(row(/^home/));
    expect(screen.queryByRole('treeitem', { name: /^kitchen/ })).toBeNull();
    expect(row(/^home/).getAttribute('aria-expanded')).toBe('false');
    await user.click(screen.getByRole('button', { name: 'Use home/#' }));
    expect(onTopic).toHaveBeenLastCalledWith('home/#');
  });

  test('finds a topic by a part of its name at any level', async () => {
    const { user, onTopic } = setUp();
    await user.type(screen.getByRole('textbox', { name: 'Search topics' }), 'plug2');
    expect(screen.getByRole('status').textContent).toBe('1 of 4 topics. Of all topics: 4 messages, 62 bytes');
    await user.keyboard('{ArrowDown}{End}{Enter}');
    expect(onTopic).toHaveBeenLastCalledWith('tele/plug2/SENSOR');
  });

  test('is as tall as what a search finds, and follows clicks, but not topics that come later', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const topics = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`plant/m${i}/${'ab'[i % 2]}`, '1']));
    const { user, explorer } = setUp({ topics: topics as typeof HOUSE });
    const height = () => Number.parseInt(screen.getByRole('tree', { name: 'Topics' }).style.height, 10) / ROW_HEIGHT;
    expect(height()).toBe(14);
    const search = screen.getByRole('textbox', { name: 'Search topics' });
    await user.type(search, 'm29');
    expect(height()).toBe(4);
    await user.clear(search);
    expect(height()).toBe(14);
    await user.type(search, 'm2 b');
    await user.click(row(/^plant/));
    expect(height()).toBe(4);
    await user.click(row(/^plant/));
    expect(height()).toBe(11);
    vi.advanceTimersByTime(10_000);
    act(() => explorer.override({ total: 13 }));
    expect(height()).toBe(11);
    vi.useRealTimers();
  });

  test('is used with the keyboard alone', async () => {
    const { user, onTopic, onClose } = setUp();
    await user.keyboard('{ArrowDown}');
    const tree = screen.getByRole('tree');
    expect(document.activeElement).toBe(tree);
    const active = () => document.getElementById(tree.getAttribute('aria-activedescendant') ?? '')?.textContent;
    expect(active()).toMatch(/^home/);
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(active()).toMatch(/^temperature/);
    await user.keyboard('{ArrowLeft}');
    expect(active()).toMatch(/^kitchen/);
    await user.keyboard('{ArrowLeft}');
    expect(row(/^kitchen/).getAttribute('aria-expanded')).toBe('false');
    await user.keyboard('#');
    expect(onTopic).toHaveBeenLastCalledWith('home/kitchen/#');
    await user.keyboard('{ArrowRight}{ArrowRight}{Enter}');
    expect(onTopic).toHaveBeenLastCalledWith('home/kitchen/temperature');
    await user.keyboard('{Escape}');
    expect(onClose).toHaveBeenCalledOnce();
  });

  test('a level becomes named, a plus, and what it was, each with one click', async () => {
    const { user, onTopic } = setUp();
    await user.click(screen.getAllByRole('treeitem', { name: /^SENSOR/ })[1]);
    const levels = within(screen.getByRole('group', { name: 'Levels of the filter' }));
    const named = levels.getByRole('button', { name: '{device} 2: level 2, any level, with the label device' });
    expect(named.textContent).toBe('{device} 2');
    await user.click(named);
    expect(onTopic).toHaveBeenLastCalledWith('tele/{device}/SENSOR');
    expect(screen.getByText('2 topics: tele/plug1/SENSOR, tele/plug2/SENSOR')).toBeTruthy();
    await user.click(levels.getByRole('button', { name: '+: level 2, any level' }));
    expect(onTopic).toHaveBeenLastCalledWith('tele/+/SENSOR');
    await user.click(levels.getByRole('button', { name: 'plug2: level 2, only plug2' }));
    expect(onTopic).toHaveBeenLastCalledWith('tele/plug2/SENSOR');
  });

  test('chooses for the last line of several', async () => {
    const { user, onTopic } = setUp({ draft: 'a/b\nc' });
    await user.click(row(/^temperature/));
    expect(onTopic).toHaveBeenLastCalledWith('a/b\nhome/kitchen/temperature');
  });

  test('pauses, includes $SYS, and says what limits and the broker leave out', async () => {
    const { user, explorer } = setUp();
    await user.click(screen.getByRole('button', { name: 'Pause' }));
    expect(screen.getByRole('status').textContent).toMatch(/Paused: the broker sends nothing/);
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    await user.click(screen.getByRole('button', { name: '$SYS' }));
    expect(explorer.included).toEqual(['$SYS/#']);
    act(() => explorer.override({ skipped: 7 }));
    expect(screen.getByRole('status').textContent).toMatch(/room for 100,000 topics: 7 messages of other topics/);
    act(() => explorer.override({ paused: 'rate' }));
    expect(screen.getByRole('status').textContent).toMatch(/more than 10,000 messages a second/);
    act(() => explorer.override({ refused: [{ filter: '#', reason: 'not authorized' }] }));
    expect(screen.getByRole('alert').textContent).toMatch(/refused the subscription to "#": not authorized/);
  });

  test('says why there is no connection', () => {
    const { explorer } = setUp();
    explorer.status = {
      state: 'connecting',
      since: 0,
      error: { code: 'unreachable', message: 'ws://broker does not answer.' },
    };
    act(() => explorer.override({}));
    expect(screen.getByRole('alert').textContent).toBe('ws://broker does not answer.');
  });
});

describe('completions', () => {
  const options = () => screen.queryAllByRole('option').map(({ textContent }) => textContent);

  test('continue level by level; Enter runs the query only if none is chosen', async () => {
    const { user, onEnter } = setUp({ browsing: false });
    await user.type(field(), 'te');
    expect(options()).toEqual(['tele/3 topics']);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(field().value).toBe('tele/');
    expect(options()).toEqual(['plug1/2 topics', 'plug2/1 topic']);
    expect(onEnter).not.toHaveBeenCalled();
    await user.keyboard('{ArrowDown}{ArrowDown}{Tab}');
    expect(field().value).toBe('tele/plug2/');
    await user.keyboard('{Enter}');
    expect(onEnter).toHaveBeenCalledOnce();
    expect(options()).toEqual([]);
  });

  test('work behind named levels and variables, which stay as they are written', async () => {
    const { user } = setUp({ browsing: false, draft: 'tele/{device}/' });
    await user.type(field(), 'ST');
    await user.click(screen.getByRole('option'));
    expect(field().value).toBe('tele/{device}/STATE');
    await user.clear(field());
    await user.type(field(), 'home/$room/');
    await user.click(screen.getByRole('option'));
    expect(field().value).toBe('home/$room/temperature');
  });

  test('offer the name of a level, and the variables of the dashboard', async () => {
    const templateSrv: TemplateSrv = {
      replace: (text = '') => text,
      containsTemplate: () => false,
      getVariables: () => [{ name: 'room' }, { name: 'floor' }] as never,
      updateTimeRange: () => undefined,
    };
    setTemplateSrv(templateSrv);
    const { user } = setUp({ browsing: false });
    await user.type(field(), 'tele/{{');
    expect(options()).toEqual(['{device}']);
    await user.clear(field());
    await user.type(field(), 'home/$');
    expect(options()).toEqual(['$room', '$floor']);
    await user.type(field(), '{{fl');
    await user.keyboard('{ArrowUp}{Enter}');
    expect(field().value).toBe('home/${floor}');
  });

  test('find a topic by a part of its name, and close with Escape', async () => {
    const { user, onEnter } = setUp({ browsing: false });
    await user.type(field(), 'kitch');
    expect(options()).toEqual(['home/kitchen/temperature']);
    expect(field().getAttribute('aria-controls')).toBe('browse-completions');
    await user.keyboard('{ArrowDown}');
    expect(field().getAttribute('aria-activedescendant')).toBe('browse-completions-0');
    await user.keyboard('{Escape}');
    expect(options()).toEqual([]);
    expect(field().getAttribute('aria-activedescendant')).toBeNull();
    await user.keyboard('{Enter}');
    expect(onEnter).toHaveBeenCalledOnce();
  });
});

test('a data source without a URL says so', () => {
  render(
    <TopicAssist
      id="browse"
      inputId="topic"
      datasource={{ explore: () => undefined }}
      draft=""
      onDraft={() => undefined}
      onTopic={() => undefined}
      browsing
      onClose={() => undefined}
    />
  );
  expect(screen.getByRole('alert').textContent).toBe('The data source cannot connect. Check its settings.');
});

describe('an empty topic field', () => {
  const options = (): string[] => screen.queryAllByRole('option').map(({ textContent }) => textContent);

  test('offers what is on the broker as soon as it is entered, down to a topic', async () => {
    const { user } = setUp({ browsing: false });
    expect(options()).toEqual([]);
    await user.click(field());
    expect(await screen.findAllByRole('option')).toHaveLength(2);
    expect(options()).toEqual(['home/1 topic', 'tele/3 topics']);
    await user.click(screen.getByRole('option', { name: /^home/ }));
    expect(field().value).toBe('home/');
    await user.keyboard('{Escape}');
    await user.clear(field());
    expect(await screen.findAllByRole('option')).toHaveLength(2);
    await user.tab();
    expect(options()).toEqual([]);
  });

  test('offers nothing of its own below a filter, or while the browser shows it', async () => {
    const { user } = setUp({ browsing: false, draft: 'a\n' });
    await user.click(field());
    expect(options()).toEqual([]);
  });
});
