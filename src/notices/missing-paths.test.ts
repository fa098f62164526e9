import { expect, test } from 'vitest';
import { TestPanel } from '../testing/test-panel';

const PLUG = { ENERGY: { Power: 5, Voltage: 230 } };

test('a field that no message has is named in a warning, with those that they have', () => {
  const panel = new TestPanel({ fields: [{ path: 'ENERGY.power' }] });
  expect(panel.send({ payload: PLUG }).notices).toEqual([
    '1 message arrived, and none has a value at "ENERGY.power". It has "ENERGY.Power", "ENERGY.Voltage".',
  ]);
});

test('a label and a value mapping, too, and the same path once', () => {
  const path = 'STATE';
  const panel = new TestPanel({ labels: [{ path }], mappings: [{ path, true: 'on', false: 'off' }] });
  expect(panel.send({ payload: { state: 'on' } }).notices).toEqual([
    '1 message arrived, and none has a value at "STATE". It has "state".',
  ]);
});

test('a field that some messages have is not', () => {
  const panel = new TestPanel({ fields: [{ path: 'ENERGY.Power' }, { path: 'battery' }] });
  panel.send({ payload: PLUG });
  expect(panel.send({ payload: { battery: 3 } }).notices).toEqual([]);
});
