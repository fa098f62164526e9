/** Text that is one of two words, from its bytes to what panels show of it. */
import {
  createTheme,
  type DataFrame,
  type Field,
  formattedValueToString,
  FieldType,
  getDisplayProcessor,
  getFieldDisplayValues,
} from '@grafana/data';
import { describe, expect, test, vi } from 'vitest';
import { ARRIVAL, TestPanel } from '../testing/test-panel';
import type { MappingChoice, MqttQuery } from '../types';

// Formats of dates are among the units, and ask the browser for its language.
vi.stubGlobal('navigator', { language: 'en-US', languages: ['en-US'] });

const MISSING = undefined;
const STATE: MappingChoice = { path: 'state', true: 'ON', false: 'OFF' };
const VALUE: MappingChoice = { path: 'Value', true: 'Open', false: 'Closed' };
const sent = (...payloads: Array<string | object>) => payloads.map((payload) => ({ payload }));

describe('text that the query maps', () => {
  test.each<[string, Partial<MqttQuery>, Array<string | object>, Record<string, unknown[]>]>([
    [
      'a payload that is one word, in any capitals',
      { mappings: [VALUE] },
      ['open', 'CLOSED', ' Open\n'],
      { 'Value: number': [1, 0, 1] },
    ],
    [
      'next to other values of JSON, which do not change',
      { mappings: [STATE] },
      [
        { state: 'ON', power: 5, mode: 'ON' },
        { state: 'OFF', power: 0, mode: 'OFF' },
      ],
      { 'state: number': [1, 0], 'power: number': [5, 0], 'mode: string': ['ON', 'OFF'] },
    ],
    [
      'below keys of any characters, in lists, and in quotes',
      {
        mappings: [
          { ...STATE, path: 'a["b.c"]' },
          { ...STATE, path: '__proto__' },
        ],
      },
      ['{"a": {"b.c": "ON"}, "__proto__": "OFF"}'],
      { 'a["b.c"]: number': [1], '__proto__: number': [0] },
    ],
    [
      'what is neither word: null, and unchanged in a sibling field, even if it comes first',
      { mappings: [STATE] },
      [{ state: 'unavailable' }, { state: 'ON' }, { state: '' }, { state: 'OFF' }],
      { 'state: number': [null, 1, null, 0], 'state (text): string': ['unavailable', MISSING, '', MISSING] },
    ],
    [
      'a number is no word, unless it is written as one',
      { mappings: [STATE, { path: 'relay', true: '1', false: '0' }] },
      [
        { state: 'ON', relay: 1 },
        { state: 1, relay: '0' },
        { state: 'OFF', relay: 2 },
      ],
      {
        'state: number': [1, null, 0],
        'relay: number': [1, 0, null],
        'state (number): number': [MISSING, 1, MISSING],
        'relay (number): number': [MISSING, MISSING, 2],
      },
    ],
    [
      'null and missing stay two things, and a boolean is one already',
      { mappings: [STATE] },
      [{ state: null }, { state: 'ON' }, {}, { state: false }],
      { 'state: number': [null, 1, MISSING, 0] },
    ],
    [
      'a field that the query names, of the type Auto, Number or Boolean',
      {
        mappings: [STATE, { ...STATE, path: 'b' }, { ...STATE, path: 'c' }, { ...STATE, path: 'd' }],
        fields: [
          { path: 'state', name: 'Lamp' },
          { path: 'b', type: 'boolean' },
          { path: 'c', type: 'string' },
          { path: 'd', type: 'number' },
        ],
      },
      [
        { state: 'OFF', b: 'ON', c: 'ON', d: 'ON' },
        { state: 'ON', b: 'yes', c: 'OFF', d: 'OFF' },
      ],
      { 'Lamp: number': [0, 1], 'b: boolean': [true, null], 'c: string': ['ON', 'OFF'], 'd: number': [1, 0] },
    ],
    [
      'below a field that the query names',
      { mappings: [{ ...STATE, path: 'a.state' }], fields: [{ path: 'a' }] },
      [{ a: { state: 'ON', n: 1 } }],
      { 'a.state: number': [1], 'a.n: number': [1] },
    ],
    [
      'one that has no words yet maps nothing',
      { mappings: [{ path: 'state', true: 'ON', false: '' }] },
      [{ state: 'ON' }],
      { 'state: string': ['ON'] },
    ],
    [
      'with what is left out filled up',
      { mappings: [STATE], fill: 'previous' },
      [{ state: 'ON', n: 1 }, { n: 2 }, { state: 'OFF' }],
      { 'state: number': [1, 1, 0], 'n: number': [1, 2, 2] },
    ],
  ])('%s', (_, query, payloads, fields) => {
    const { Time: _time, ...columns } = Object.fromEntries(
      Object.entries(new TestPanel(query).send(...sent(...payloads)).typedFields()).map(([name, values]) => [
        name.replace('Time: time', 'Time'),
        values,
      ])
    );
    expect(columns).toEqual(fields);
  });

  test('what is neither word is counted, and that is said', () => {
    const shown = new TestPanel({ mappings: [STATE] }).send(...sent({ state: 'ON' }, { state: 'jammed' }));
    expect(shown.notices).toEqual([expect.stringMatching(/^1 value has another type than the field.* value mapping/)]);
    const field = { path: 'state', type: 'boolean' } as const;
    const typed = new TestPanel({ mappings: [STATE], fields: [field] }).send(...sent({ state: 'jammed' }));
    expect(typed.notices).toEqual([expect.stringMatching(/^1 value does not have the type/)]);
  });

  test.each<[string, MappingChoice[], RegExp]>([
    ['the same word twice', [{ path: 'state', true: 'ON', false: 'on' }], /same word, "ON", for true and for false/],
    ['two for one place', [STATE, { ...STATE, path: '["state"]' }], /two value mappings for "\["state"\]"/],
    ['a path that is none', [{ ...STATE, path: 'a[' }], /path "a\["/],
  ])('%s is said', (_, mappings, words) => {
    expect(() => new TestPanel({ mappings })).toThrow(words);
  });
});

describe('what panels show', () => {
  const query = { mappings: [STATE, { path: 'link', true: 'Online', false: 'Offline' }] };
  const shown = (shape?: MqttQuery['shape']) =>
    new TestPanel({ ...query, ...(shape && { shape }) }).send(
      ...sent({ state: 'on', link: 'Offline' }, { state: 'OFF', link: 'Online' })
    );

  function fieldOf({ fields }: DataFrame, name: string): Field {
    return fields.find((field) => field.name === name)!;
  }

  function textAndColor(field: Field, value: unknown): [string, string | undefined] {
    const display = getDisplayProcessor({ field, theme: createTheme() })(value);
    return [formattedValueToString(display), display.color];
  }

  test.each(['series', 'latest', 'table'] as const)('%s: the words, in their colours', (shape) => {
    const frame = shown(shape).frames[0];
    const [state, link] = [fieldOf(frame, 'state'), fieldOf(frame, 'link')];
    const { visualization } = createTheme();
    expect(state.type).toBe(FieldType.number);
    expect(textAndColor(state, 1)).toEqual(['ON', visualization.getColorByName('green')]);
    expect(textAndColor(state, 0)).toEqual(['OFF', '#808080']);
    expect(textAndColor(link, 0)).toEqual(['Offline', visualization.getColorByName('red')]);
    expect(state.values.at(shape === 'table' ? 0 : -1)).toBe(0);
  });

  test('a time series panel draws steps between 0 and 1', () => {
    const { config, values } = fieldOf(shown().frames[0], 'state');
    expect(values).toEqual([1, 0]);
    expect(config).toMatchObject({ min: 0, max: 1, custom: { lineInterpolation: 'stepAfter' } });
  });

  test('a stat shows it without a choice of fields: it takes numbers', () => {
    const displays = getFieldDisplayValues({
      fieldConfig: { defaults: {}, overrides: [] },
      reduceOptions: { calcs: ['lastNotNull'], values: false },
      replaceVariables: (text) => text,
      theme: createTheme(),
      data: [shown().frames[0]],
    });
    expect(displays.map(({ display }) => formattedValueToString(display))).toEqual(['OFF', 'Online']);
  });

  test.each<[MqttQuery['shape'], string, object]>([
    ['logs', 'body', { body: '{"state":"ON","n":1}' }],
    ['annotations', 'title', { title: 'Door open' }],
  ])('%s, which know no value mappings, say the words', (shape, name, wanted) => {
    const mappings = [STATE, { path: 'title', true: 'Door open', false: 'Door closed' }];
    const payload = shape === 'logs' ? { state: 'ON', n: 1 } : { title: 'Door open', state: 'ON' };
    const frame = new TestPanel({ mappings, ...(shape && { shape }) }).send({ payload }).frames[0];
    expect({ [name]: fieldOf(frame, name).values[0] }).toEqual(wanted);
  });

  test('a field of the type Boolean has them too', () => {
    const frame = new TestPanel({ mappings: [STATE], fields: [{ path: 'state', type: 'boolean' }] }).send(
      ...sent({ state: 'on' })
    ).frames[0];
    expect(textAndColor(fieldOf(frame, 'state'), true)[0]).toBe('ON');
  });

  test('a short ON is among the smallest and largest of an interval', () => {
    const many = new TestPanel({ mappings: [STATE], reduce: 'minmax' });
    many.send(
      ...Array.from({ length: 5_000 }, (_, i) => ({
        payload: { state: i === 2_500 ? 'ON' : 'OFF' },
        at: ARRIVAL + 10 * i,
      }))
    );
    expect(fieldOf(many.frames[0], 'state').values).toContain(1);
    expect(many.frames[0].length).toBeLessThan(5_000);
  });

  test('a table of several series keeps words and numbers of one place apart', () => {
    const frame = new TestPanel({ mappings: [STATE], shape: 'table' }).send(
      { topic: 'a', payload: { state: 'ON' } },
      { topic: 'b', payload: { state: 7 } }
    ).frames[0];
    expect(fieldOf(frame, 'state').values).toEqual([null, 1]);
    expect(fieldOf(frame, 'state (number)').values).toEqual([7, null]);
    expect(fieldOf(frame, 'state (number)').config.mappings).toBeUndefined();
  });

  test('its config is the same at every tick, and an object of its own', () => {
    const one = shown();
    const [before, after] = [one.frames[0], one.send({ payload: { state: 'x', link: 'Online' } }).frames[0]];
    const configs = [before, after].map((frame) => fieldOf(frame, 'state').config);
    expect(configs[0].mappings).toHaveLength(1);
    expect(configs[1]).toEqual(configs[0]);
    expect(configs[1].mappings).not.toBe(configs[0].mappings);
    expect(configs[1].mappings![0]).not.toBe(configs[0].mappings![0]);
  });
});

describe('values that are announced to have two states', () => {
  const states = (on: string, off: string) =>
    ({
      on: { value: on, text: 'Open', tone: 'good' },
      off: { value: off, text: 'Closed', tone: 'plain' },
    }) as const;

  function configOf(payload: string | object, on: string, off: string, query: Partial<MqttQuery> = {}) {
    const shown = new TestPanel(query).send({ payload });
    shown.announced = () => ({ states: states(on, off), name: 'Front door' });
    const { type, config } = shown.frames[0].fields.at(-1)!;
    const text = (value: unknown): string =>
      formattedValueToString(
        getDisplayProcessor({ field: { name: 'x', type, config, values: [] }, theme: createTheme() })(value)
      );
    return { config, text };
  }

  test.each<[string, string | object, string, string, Array<[unknown, string]>]>([
    [
      'text, exactly as it is announced',
      'ON',
      'ON',
      'OFF',
      [
        ['ON', 'Open'],
        ['OFF', 'Closed'],
        ['on', 'on'],
      ],
    ],
    [
      'booleans',
      { c: true },
      'true',
      'False',
      [
        [true, 'Open'],
        [false, 'Closed'],
      ],
    ],
    [
      'booleans that mean the contrary',
      { c: true },
      'false',
      'true',
      [
        [false, 'Open'],
        [true, 'Closed'],
      ],
    ],
    [
      'numbers',
      '1',
      '1',
      '0',
      [
        [1, 'Open'],
        [0, 'Closed'],
        [2, '2'],
      ],
    ],
    [
      'numbers as they are written',
      '1',
      '1.0',
      '00',
      [
        [1, 'Open'],
        [0, 'Closed'],
      ],
    ],
  ])('%s', (_, payload, on, off, shown) => {
    const { config, text } = configOf(payload, on, off);
    expect(config.description).toBe('Front door');
    for (const [value, said] of shown) {
      expect(text(value)).toBe(said);
    }
  });

  test('a boolean that is drawn as a number is shown the same', () => {
    const { config } = configOf({ c: true }, 'false', 'true');
    const number = getDisplayProcessor({
      field: { name: 'x', type: FieldType.number, config, values: [] },
      theme: createTheme(),
    });
    expect([0, 1].map((value) => formattedValueToString(number(value)))).toEqual(['Open', 'Closed']);
  });

  test.each([
    ['numbers that are to be words', '5', 'ON', 'OFF'],
    ['booleans that are to be words', { c: true }, 'ON', 'OFF'],
    ['booleans of which one is a word', { c: true }, 'true', 'OFF'],
    ['a number that is to be nothing', '5', ' ', '0'],
    ['lists', '["a"]', 'a', 'b'],
  ])('%s have none', (_, payload, on, off) => {
    expect(configOf(payload, on, off).config.mappings).toBeUndefined();
  });

  test('what the query says holds', () => {
    const { text } = configOf('ON', 'ON', 'OFF', { mappings: [{ path: 'Value', true: 'ON', false: 'OFF' }] });
    expect([text(1), text(0)]).toEqual(['ON', 'OFF']);
  });

  test('of a column of several topics are one, or none', () => {
    const shown = new TestPanel({ shape: 'latest' }).send({ topic: 'a', payload: 'ON' }, { topic: 'b', payload: 'ON' });
    const configOfValue = () => shown.frames[0].fields.find(({ name }) => name === 'Value')!.config;
    shown.announced = () => ({ states: states('ON', 'OFF'), name: 'Door' });
    expect(configOfValue().mappings).toHaveLength(1);
    expect(configOfValue().description).toBe('Door');
    shown.announced = (topic) => ({ states: states('ON', topic), name: topic });
    expect(configOfValue().mappings).toBeUndefined();
    expect(configOfValue().description).toBeUndefined();
  });

  test('are offered, also where they are words that nobody else has', () => {
    const shown = new TestPanel().send({ payload: { lid: 'zu', mode: 'zu', other: 'halb' } });
    shown.announced = (_topic, [key]) => (key === 'mode' ? undefined : { states: states('auf', 'zu') });
    expect(shown.response(0, 8e15, true).data[0].meta?.custom?.mqtt.mappings).toEqual([
      { path: 'lid', true: 'auf', false: 'zu' },
    ]);
  });
});

describe('the offer', () => {
  function offered(query: Partial<MqttQuery>, ...payloads: Array<string | object>): unknown {
    const shown = new TestPanel(query).send(...sent(...payloads));
    return shown.response(0, 8e15, true).data[0].meta?.custom?.mqtt.mappings;
  }

  test.each<[string, Partial<MqttQuery>, Array<string | object>, MappingChoice[] | undefined]>([
    ['a payload that is a word', {}, ['ON', 'OFF'], [{ ...STATE, path: 'Value' }]],
    ['one word that says what the other is', {}, ['offline'], [{ path: 'Value', true: 'online', false: 'offline' }]],
    [
      'places in JSON, each with its own words',
      {},
      [{ state: 'ON', 'a.b': { door: 'Closed' }, n: 1, name: 'Lamp' }, { state: 'OFF' }],
      [STATE, { path: '["a.b"].door', true: 'Open', false: 'Closed' }],
    ],
    ['words of no pair', {}, ['idle', 'running'], undefined],
    ['more than two words', {}, ['ON', 'OFF', 'jammed'], undefined],
    ['text that is no word', {}, ['x'.repeat(100_000)], undefined],
    ['what is mapped already', { mappings: [STATE] }, [{ state: 'ON' }, { state: 'x' }], undefined],
    [
      'a field that the query wants as text',
      { fields: [{ path: 'state', type: 'string' }] },
      [{ state: 'ON' }],
      undefined,
    ],
    ['a field that the query names', { fields: [{ path: 'state', name: 'Lamp' }] }, [{ state: 'ON' }], [STATE]],
    ['an empty text', {}, [{ state: '' }, { state: 'ON' }], undefined],
  ])('%s', (_, query, payloads, offers) => {
    expect(offered(query, ...payloads)).toEqual(offers);
  });

  test('is of the words of all series together, the newest spelling first', () => {
    const shown = new TestPanel();
    shown.send({ topic: 'a', payload: 'OFF' }, { topic: 'b', payload: 'on' }, { topic: 'b', payload: 'On' });
    expect(shown.response(0, 8e15, true).data[0].meta?.custom?.mqtt.mappings).toEqual([
      { path: 'Value', true: 'On', false: 'OFF' },
    ]);
    shown.send({ topic: 'c', payload: 'standby' });
    expect(shown.response(0, 8e15, true).data[0].meta?.custom?.mqtt.mappings).toBeUndefined();
  });

  test('is made where somebody edits the query, and nowhere else', () => {
    const shown = new TestPanel().send({ payload: 'ON' });
    expect(shown.response().data[0].meta?.custom?.mqtt.mappings).toBeUndefined();
  });

  test('taken, maps what it was made of', () => {
    const payloads = [{ a: { relay: 'Off' } }, { a: { relay: 'On' } }];
    const mappings = offered({}, ...payloads) as MappingChoice[];
    const shown = new TestPanel({ mappings }).send(...sent(...payloads));
    expect(shown.fields()).toMatchObject({ 'a.relay': [0, 1] });
  });
});
