import type { DataQueryResponse } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { responsesOf } from '../testing/responses';
import { ScriptedBroker } from '../testing/scripted-broker';
import { ARRIVAL, TestPanel } from '../testing/test-panel';
import { testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import type { MqttQuery, QueryDiagnostics } from '../types';
import { countsOf } from './query-counts';

const diagnosticsOf = (panel: TestPanel, editing = true): QueryDiagnostics =>
  panel.response(0, 8e15, editing).data[0].meta?.custom?.mqtt as QueryDiagnostics;

describe('what an editor is told', () => {
  test('counts topics, series and rows, each for itself', () => {
    const panel = new TestPanel({ labels: [{ path: 'id' }] });
    panel.send(
      {
        topic: 'a',
        payload: [
          { id: 1, v: 1 },
          { id: 2, v: 1 },
        ],
      },
      { topic: 'b', payload: { id: 1, v: 1 } }
    );
    expect(diagnosticsOf(panel)).toMatchObject({ messages: 2, counts: { topics: 2, series: 3, rows: 3, dropped: 0 } });
  });

  test('is not worth its cost while nobody edits', () => {
    const panel = new TestPanel().send({ payload: 'ON' });
    expect(Object.keys(diagnosticsOf(panel, false))).not.toContain('counts');
    expect(Object.keys(diagnosticsOf(panel, false))).not.toContain('mappings');
  });

  test('is every notice in full that the editor does not show in another way', () => {
    const panel = new TestPanel({ format: 'json', fields: [{ path: 'a', type: 'number' }, { path: 'x' }] });
    panel.send({ payload: '{' }, { payload: { a: 'high' } });
    const notices = diagnosticsOf(panel).notices!.map(({ severity, text }) => `${severity}: ${text}`);
    expect(notices).toEqual([expect.stringMatching(/^warning: 1 value does not have the type/)]);
    const all = panel.notices.join(' ');
    expect(all).toContain('did not decode');
    expect(all).toContain('none has a value at "x"');
  });

  describe('is what came in place of numbers for a graph', () => {
    const said = (query: Partial<MqttQuery>, ...payloads: Array<string | object>): string[] => {
      const panel = new TestPanel(query).send(...payloads.map((payload) => ({ topic: 'door', payload })));
      return (diagnosticsOf(panel).notices ?? [])
        .map(({ text }) => text)
        .filter((text) => text.startsWith('No number'));
    };

    test.each<[string, string | object, string]>([
      ['a text', 'not ready', 'the text "not ready" at "Value"'],
      ['a long text', 'x'.repeat(60), `the text "${'x'.repeat(40)}…" at "Value"`],
      ['a number with a comma', '21,5', 'the text "21,5" at "Value"'],
      ['an object', { state: 'waiting', by: 'me' }, 'the text "waiting" at "state"'],
    ])('%s', (_, payload, words) => {
      expect(said({}, payload)).toEqual([
        `No number has arrived, which graphs need. The newest value, on "door", is ${words}. Choose a field that has numbers, its type, or a value mapping under Payload.`,
      ]);
    });

    test('only if that is all, and not where texts are shown or mapped', () => {
      expect(said({}, 'high', '21.5')).toEqual([]);
      expect(said({}, { state: 'high', t: 1 })).toEqual([]);
      expect(said({}, 'true')).toEqual([]);
      expect(said({ shape: 'table' }, 'high')).toEqual([]);
      expect(said({}, { state: 'ON' }, { state: 'OFF' })).toEqual([]);
      expect(said({})).toEqual([]);
    });
  });

  test('has the paths of values, and of lists, of which each item can be a row', () => {
    const { stream } = new TestPanel().send({
      payload: { a: 1, list: [{ b: 2 }], in: { lists: [[1], [2]] }, none: [] },
    });
    const { paths, lists } = countsOf(stream, ARRIVAL);
    expect(paths).toEqual(expect.arrayContaining(['a', 'list[0].b']));
    expect(lists).toEqual(['list', 'in.lists', 'none']);
  });

  test('has a rate over the last half minute, and an age, without what the tab had stored', () => {
    const { stream } = new TestPanel().send({ payload: '1' });
    const at = (seconds: number, messages: number) => {
      if (messages > stream.liveMessages) {
        stream.lastMessageAt = ARRIVAL + seconds * 1_000;
      }
      stream.liveMessages = messages;
      const { rate, age } = countsOf(stream, ARRIVAL + seconds * 1_000);
      return { rate, age };
    };
    // The row was stored at ARRIVAL, and is read again.
    // Nobody has counted yet: 0 would be a wrong number.
    expect(at(0, 0)).toEqual({ age: 0 });
    expect(at(1, 500)).toEqual({ age: 1_000 });
    expect(at(2, 500)).toEqual({ age: 2_000 });
    expect(at(3, 510)).toEqual({ rate: 10, age: 0 });
    expect(at(4, 510)).toEqual({ rate: 5, age: 1_000 });
    expect(at(32, 510).rate).toBeCloseTo(10 / 30);
    expect(at(42, 510)).toEqual({ rate: 0, age: 39_000 });
    expect(at(12, 510).rate).toBeUndefined();
  });
});

test('a QoS that the broker grants lower than requested is said', async () => {
  await using broker = await ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'subscribe') {
      client.send({ cmd: 'suback', messageId: packet.messageId, granted: packet.subscriptions.map(() => 0) });
      return true;
    }
    return false;
  });
  const deps = { ...testDeps({ url: broker.url, pool: testPool() }), editing: () => true };
  const queries: Array<Partial<MqttQuery>> = [
    { refId: 'A', topic: 'a', qos: 1 },
    { refId: 'B', topic: 'b' },
  ];
  using responses = responsesOf(request(queries), deps);
  const granted =
    (refId: string) =>
    ({ data }: DataQueryResponse): QueryDiagnostics['counts'] => {
      const mqtt: QueryDiagnostics | undefined = data.find((frame) => frame.refId === refId)?.meta?.custom?.mqtt;
      return mqtt?.counts;
    };
  const response = await responses.until((each) => granted('A')(each)?.grantedQos !== undefined);
  expect(granted('A')(response)?.grantedQos).toBe(0);
  expect(granted('B')(response)).toBeDefined();
  expect(granted('B')(response)?.grantedQos).toBeUndefined();
});
