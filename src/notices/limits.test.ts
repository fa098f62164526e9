import { expect, test } from 'vitest';
import { TestPanel } from '../testing/test-panel';

test('a long list is shown as JSON, and it is said how to see its items', () => {
  const shown = new TestPanel().send({ payload: { wave: Array.from({ length: 17 }, (_, i) => i), axes: [1, 2, 3] } });
  expect(Object.keys(shown.fields())).toEqual(['Time', 'wave', 'axes[0]', 'axes[1]', 'axes[2]']);
  expect(shown.notices).toEqual([
    '1 list of numbers with more than 16 items is shown as JSON. Name the items that you need, such as "list[0]", or raise "Items of a list" in the settings of the data source.',
  ]);
});

test('naming what is wanted takes the notice away', () => {
  const payload = { wave: Array.from({ length: 17 }, (_, i) => i), deep: { a: 1 } };
  expect(new TestPanel({ fields: [{ path: 'wave[16]' }] }).send({ payload }).notices).toEqual([]);
  expect(new TestPanel({ fields: [{ path: 'wave', type: 'json' }] }).send({ payload }).notices).toEqual([]);
});

test('values that are too deep, keys that are too long, and labels', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`) as object;
  const shown = new TestPanel({ labels: [{ path: 'id' }] });
  shown.send({ payload: { deep, ['k'.repeat(1_001)]: 1, id: 'x'.repeat(201) } });
  const notices = shown.frames[0].meta!.notices!;
  expect(notices).toEqual([
    {
      severity: 'warning',
      text: '1 value with a key of more than 1,000 characters was left out. Name the object that has such keys as a field, with the type JSON.',
    },
    {
      severity: 'info',
      text: '1 value nested deeper than 10 levels is shown as JSON. Name the fields that you need, or raise "Levels of nesting" in the settings of the data source. 1 series has a label of more than 200 characters, which is shortened. Its last eight characters distinguish it from other labels. Choose a shorter value for the label.',
    },
  ]);
});

test('rows beyond the most of a payload are left out, and it is said what can be done', () => {
  const shown = new TestPanel();
  shown.send({ payload: Array.from({ length: 10_001 }, (_, v) => ({ v })) });
  expect(shown.notices[0]).toBe(
    '1 message was decoded only in part. The last such message, on "t": Left out: the rows beyond the first 10,000. Have the sender send fewer at once, or raise "Rows of a payload" in the settings of the data source.'
  );
});
