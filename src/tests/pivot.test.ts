import { describe, expect, test } from 'vitest';
import { parseQuery } from '../query/parse-query';
import { ARRIVAL, TestPanel } from '../testing/test-panel';
import type { MqttQuery } from '../types';

const PLANT: Partial<MqttQuery> = { topic: 'plant/{device}/{metric}', pivot: 'metric' };

const panel = (query: Partial<MqttQuery> = {}): TestPanel => new TestPanel({ ...PLANT, ...query });

/** Names, units and values, without the time and the topic. */
function cells(shown: TestPanel, frame = 0): Record<string, unknown[]> {
  const { Time: _, Topic: __, ...others } = shown.fields(frame);
  return others;
}

describe('a level of the topic as the name of a field', () => {
  test('makes one series for each device', () => {
    const shown = panel().send(
      { topic: 'plant/dev5/temp', payload: '21.5' },
      { topic: 'plant/dev5/rpm', payload: '900' },
      { topic: 'plant/dev6/temp', payload: '19' },
      { topic: 'plant/dev5/temp', payload: '22' }
    );
    expect(shown.frames.map(({ name }) => name)).toEqual(['plant/dev5/+', 'plant/dev6/+']);
    expect(shown.labels).toEqual([{ device: 'dev5' }, { device: 'dev6' }]);
    expect(cells(shown)).toEqual({ temp: [21.5, undefined, 22], rpm: [undefined, 900, undefined] });
    expect(cells(shown, 1)).toEqual({ temp: [19] });
    expect(shown.notices).toEqual([]);
  });

  test('is one row per device of the newest values', () => {
    const shown = panel({ shape: 'latest' }).send(
      { topic: 'plant/dev5/temp', payload: '21.5' },
      { topic: 'plant/dev5/rpm', payload: '900' },
      { topic: 'plant/dev6/temp', payload: '19' },
      { topic: 'plant/dev5/rpm', payload: '901' }
    );
    expect(shown.fields()).toEqual({
      Time: [ARRIVAL + 3_000, ARRIVAL + 2_000],
      Topic: ['plant/dev5/+', 'plant/dev6/+'],
      device: ['dev5', 'dev6'],
      temp: [21.5, 19],
      rpm: [901, null],
    });
  });

  test('fills the other fields with their last values', () => {
    const shown = panel({ shape: 'table', fill: 'previous' }).send(
      { topic: 'plant/dev5/temp', payload: '21.5' },
      { topic: 'plant/dev5/rpm', payload: '900' },
      { topic: 'plant/dev5/temp', payload: '22' }
    );
    expect(cells(shown)).toMatchObject({ temp: [22, 21.5, 21.5], rpm: [900, 900, null] });
  });

  test('has objects below it, with the time and the labels of the payload', () => {
    const shown = panel({ time: { from: 'path', path: 'ts' }, labels: [{ path: 'unit_id' }] }).send(
      { topic: 'plant/dev5/temp', payload: { ts: ARRIVAL - 5_000, unit_id: 'u1', value: 21.5, unit: '°C' } },
      { topic: 'plant/dev5/rpm', payload: { ts: ARRIVAL - 4_000, unit_id: 'u1', value: 900 } }
    );
    expect(shown.labels).toEqual([{ device: 'dev5', unit_id: 'u1' }]);
    expect(shown.fields()).toEqual({
      Time: [ARRIVAL - 5_000, ARRIVAL - 4_000],
      'temp.value [celsius]': [21.5, undefined],
      'temp.unit': ['°C', undefined],
      'rpm.value': [undefined, 900],
    });
  });

  test('does not show a time that was found by name', () => {
    const shown = panel({ time: { from: 'auto' } }).send({
      topic: 'plant/dev5/temp',
      payload: { time: '2024-05-17T11:59:00Z', value: 1 },
    });
    expect(shown.fields()).toEqual({ Time: [ARRIVAL - 60_000], 'temp.value': [1] });
  });

  test('has the rows of a list', () => {
    const shown = panel({ rows: 'list', time: { from: 'path', path: 't' } }).send({
      topic: 'plant/dev5/temp',
      payload: {
        list: [
          { t: ARRIVAL - 2, v: 1 },
          { t: ARRIVAL - 1, v: 2 },
        ],
      },
    });
    expect(shown.fields()).toEqual({ Time: [ARRIVAL - 2, ARRIVAL - 1], 'temp.v': [1, 2] });
  });

  test('clears its own field only', () => {
    const shown = panel({ shape: 'latest' }).send(
      { topic: 'plant/dev5/temp', payload: { value: 1, ok: true } },
      { topic: 'plant/dev5/temperature', payload: '7' },
      { topic: 'plant/dev5/rpm', payload: '900' },
      { topic: 'plant/dev5/temp', payload: '' }
    );
    expect(cells(shown)).toMatchObject({ 'temp.value': [null], 'temp.ok': [null], temperature: [7], rpm: [900] });
  });

  test('clears its own field only, for each set of labels', () => {
    const shown = panel({ labels: [{ path: 'id' }] }).send(
      { topic: 'plant/dev5/temp', payload: { id: 1, v: 1 } },
      { topic: 'plant/dev5/rpm', payload: { id: 1, v: 2 } },
      { topic: 'plant/dev5/temp', payload: '' }
    );
    expect(cells(shown)).toEqual({ 'temp.v': [1, undefined, null], 'rpm.v': [undefined, 2, undefined] });
  });

  test('has fields, types, units and value mappings by their path', () => {
    const shown = panel({
      shape: 'latest',
      fields: [
        { path: 'temp', unit: 'celsius', name: 'Temperature' },
        { path: 'rpm.value', type: 'number' },
        { path: 'door' },
      ],
      mappings: [{ path: 'door', true: 'open', false: 'closed' }],
    }).send(
      { topic: 'plant/dev5/temp', payload: '21.5' },
      { topic: 'plant/dev5/rpm', payload: { value: '900', noise: 1 } },
      { topic: 'plant/dev5/door', payload: 'OPEN' },
      { topic: 'plant/dev5/secret', payload: '1' }
    );
    expect(cells(shown)).toEqual({ device: ['dev5'], 'Temperature [celsius]': [21.5], 'rpm.value': [900], door: [1] });
    expect(shown.response(0, 8e15, true).data[0].meta.custom.mqtt.missing).toBeUndefined();
  });

  test('has the unit that the format names', () => {
    const shown = panel({ format: 'number' }).send({ topic: 'plant/dev5/temp', payload: '21.5 °C' });
    expect(cells(shown)).toEqual({ 'temp [celsius]': [21.5] });
    const senml = panel({ format: 'senml' }).send({
      topic: 'plant/dev5/a',
      payload: [{ n: 'hum', u: '%RH', v: 48 }],
    });
    expect(cells(senml)).toEqual({ 'a.hum [percent]': [48] });
    const chosen = panel({ format: 'senml', fields: [{ path: 'a.hum' }] }).send({
      topic: 'plant/dev5/a',
      payload: [{ n: 'hum', u: '%RH', v: 48 }],
    });
    expect(cells(chosen)).toEqual({ 'a.hum [percent]': [48] });
  });

  test('has the unit that a device has announced', () => {
    const shown = panel().send(
      { topic: 'plant/dev5/temp', payload: '1' },
      { topic: 'plant/dev5/rpm', payload: { v: 2 } }
    );
    shown.announced = (topic, path) =>
      topic === 'plant/dev5/temp' && path.length === 0
        ? { unit: '°C' }
        : topic === 'plant/dev5/rpm' && path.join() === 'v'
          ? { unit: 'rpm' }
          : undefined;
    expect(Object.keys(cells(shown))).toEqual(['temp [celsius]', 'rpm.v [rotrpm]']);
  });

  test.each(['__proto__', 'constructor', 'a.b', 'Time', ''])('takes any name: %j', (metric) => {
    const shown = panel().send({ topic: `plant/dev5/${metric}`, payload: '1' });
    expect(shown.frames[0].fields).toHaveLength(2);
    expect(shown.frames[0].fields[1].values).toEqual([1]);
  });

  test('can be the remaining levels, or a level in the middle', () => {
    const rest = new TestPanel({ topic: 'plant/{device}/{rest#}', pivot: 'rest' }).send(
      { topic: 'plant/dev5/motor/temp', payload: '1' },
      { topic: 'plant/dev5/rpm', payload: '2' },
      { topic: 'plant/dev5', payload: '3' }
    );
    expect(rest.frames.map(({ name }) => name)).toEqual(['plant/dev5', 'plant/dev5/#']);
    expect(cells(rest, 1)).toEqual({ 'motor/temp': [1, undefined], rpm: [undefined, 2] });
    const middle = new TestPanel({ topic: '{site}/{metric}/{device}', pivot: 'metric' }).send(
      { topic: 'a/temp/1', payload: '1' },
      { topic: 'a/rpm/1', payload: '2' }
    );
    expect(middle.frames.map(({ name }) => name)).toEqual(['a/+/1']);
    expect(middle.labels).toEqual([{ site: 'a', device: '1' }]);
  });

  test('does not touch the topics of a filter without the level', () => {
    const shown = new TestPanel({ topic: 'plant/{device}/status\nplant/{device}/{metric}', pivot: 'metric' }).send(
      { topic: 'plant/dev5/status', payload: 'ok' },
      { topic: 'plant/dev5/temp', payload: '1' }
    );
    expect(shown.frames.map(({ name }) => name)).toEqual(['plant/dev5/+', 'plant/dev5/status']);
  });

  test('skips a retained message that is known, for each topic', () => {
    const shown = panel();
    const both = [
      { topic: 'plant/dev5/temp', payload: '1', retained: true },
      { topic: 'plant/dev5/rpm', payload: '2', retained: true },
    ];
    shown.send(...both).send(...both);
    expect(cells(shown)).toEqual({ temp: [1, undefined], rpm: [undefined, 2] });
  });

  test('says which topic a payload came by that did not decode', () => {
    const shown = panel({ format: 'json' }).send(
      { topic: 'plant/dev5/temp', payload: '{' },
      { topic: 'plant/dev5/rpm', payload: '1' }
    );
    expect(shown.frames.map(({ name }) => name)).toEqual(['plant/dev5/+']);
    expect(shown.notices.join()).toContain('plant/dev5/temp');
  });

  test('leaves the devices of Sparkplug as they are', () => {
    const shown = new TestPanel({ topic: 'spBv1.0/{group}/{type}/{rest#}', pivot: 'type' }).send({
      topic: 'spBv1.0/Plant/STATE/Edge',
      payload: { online: true, timestamp: ARRIVAL },
    });
    expect(shown.notices).toEqual([]);
    expect(shown.frames).toHaveLength(1);
  });

  test('has to be a level of the topic', () => {
    const parse = (query: Partial<MqttQuery>): unknown =>
      parseQuery({ refId: 'A', topic: 'a/{b}', ...query }, (text) => text);
    expect(() => parse({ pivot: 'metric' })).toThrow('No level of the topic has the name {metric}');
    expect(() => parse({ pivot: ' b ' })).not.toThrow();
    expect(() => parse({ topic: '$share/g/a/{b}', pivot: 'b' })).not.toThrow();
    expect(() => parse({ pivot: ' ' })).not.toThrow();
  });
});
