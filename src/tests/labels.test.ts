import { describe, expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { TestPanel } from '../testing/test-panel';

describe('labels of the same name', () => {
  test.each<[string, NonNullable<MqttQuery['labels']>, Record<string, string>]>([
    ['of two paths', [{ path: 'room.id' }, { path: 'sensor.id' }], { 'room.id': 'r', 'sensor.id': 's' }],
    ['of a key and a path', [{ path: 'id' }, { path: 'sensor.id' }], { id: 'i', 'sensor.id': 's' }],
    [
      'of three',
      [{ path: 'id' }, { path: 'room.id' }, { path: 'sensor.id' }],
      { id: 'i', 'room.id': 'r', 'sensor.id': 's' },
    ],
    ['of items of a list', [{ path: 'l[0].id' }, { path: 'l[1].id' }], { 'l[0].id': '1', 'l[1].id': '2' }],
    [
      'one of which the query names',
      [{ path: 'room.id', name: 'id' }, { path: 'sensor.id' }],
      { id: 'r', 'sensor.id': 's' },
    ],
    [
      'both of which it names',
      [
        { path: 'room.id', name: 'x' },
        { path: 'id', name: 'x' },
      ],
      { x: 'r', 'x (payload)': 'i' },
    ],
    [
      'of a path and a user property',
      [{ path: 'room.id' }, { path: 'id', from: 'property' }],
      { 'room.id': 'r', id: 'p' },
    ],
    ['that differ otherwise', [{ path: 'room.id' }, { path: 'kind' }], { id: 'r', kind: 'k' }],
  ])('are different series: %s', (_, labels, seen) => {
    const payload = { id: 'i', room: { id: 'r' }, sensor: { id: 's' }, l: [{ id: '1' }, { id: '2' }], kind: 'k', v: 1 };
    const panel = new TestPanel({ labels });
    panel.send({ payload, properties: { id: 'p' } });
    expect(panel.labels).toEqual([seen]);
  });

  test('of two series differ in what tells them apart', () => {
    const panel = new TestPanel({ labels: [{ path: 'room.id' }, { path: 'sensor.id' }] });
    panel.send(
      { payload: { room: { id: 1 }, sensor: { id: 7 }, v: 1 } },
      { payload: { room: { id: 2 }, sensor: { id: 7 }, v: 2 } }
    );
    expect(panel.labels).toEqual([
      { 'room.id': '1', 'sensor.id': '7' },
      { 'room.id': '2', 'sensor.id': '7' },
    ]);
    expect(panel.frames.map(({ fields }) => fields[1].config.displayNameFromDS)).toEqual(['1 7 v', '2 7 v']);
  });

  test('of the format and of the query', () => {
    const panel = new TestPanel({ format: 'influx', labels: [{ path: 'host' }] });
    panel.send({ payload: 'm,host=a host="x",v=1\nm,host=b host="x",v=1\nm,host=c host="c",v=1' });
    expect(panel.labels).toEqual([
      { measurement: 'm', host: 'a', 'host (payload)': 'x' },
      { measurement: 'm', host: 'b', 'host (payload)': 'x' },
      { measurement: 'm', host: 'c' },
    ]);
  });
});
